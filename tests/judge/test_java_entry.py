"""Which Java class is started, told from the source."""

from __future__ import annotations

import pytest

from codefrontier.judge.java_entry import JavaEntry, find_java_entry

MAIN = "public static void main(String[] args) {}"


@pytest.mark.parametrize(
    ("source", "file_name", "main_class"),
    [
        (f"public class Main {{ {MAIN} }}", "Main.java", "Main"),
        (f"class A {{}} class B {{ {MAIN} }}", "B.java", "B"),
        (f"class A {{}} public class B {{ }} class C {{ {MAIN} }}", "B.java", "C"),
        (f"package a . b;\npublic final class B {{ {MAIN} }}", "B.java", "a.b.B"),
        (f"public class B {{ static class In {{ {MAIN} }} {MAIN} }}", "B.java", "B"),
        (f"/* public class No {{ {MAIN} }} */ // class No\nclass Yes {{ {MAIN} }}", "Yes.java", "Yes"),
        (
            f"class No {{ String s = \"}} class X {{ {MAIN}\"; char c = '{{'; }} class Y {{ {MAIN} }}",
            "Y.java",
            "Y",
        ),
        (f'class No {{ String s = """\n {MAIN} "quoted" """; }} enum Y {{ A; {MAIN} }}', "Y.java", "Y"),
        ("record P(int x) {} interface I { static void main(String... a) {} }", "I.java", "I"),
        ("static final void main(String[] a)", "Main.java", "Main"),
        ("public class Broken {", "Broken.java", "Broken"),
        ("", "Main.java", "Main"),
        (f"@Deprecated\npublic strictfp class Z {{ final static synchronized {MAIN[14:]} }}", "Z.java", "Z"),
    ],
)
def test_the_class_with_main_is_found(source: str, file_name: str, main_class: str) -> None:
    expected = JavaEntry(file_name=file_name, main_class=main_class)
    assert find_java_entry(source.encode()) == expected
