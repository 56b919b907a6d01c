package judged; // class Decoy { static void main(String[] a) {} }

import java.util.*;

class Helper {
    static long sum(long a, long b) { return a + b; }
    static String text = "public class Fake { public static void main(String[] a) {} }";
}

public class Adder {
    interface Inner { void act(); }

    public static void main(String... arguments) throws Exception {
        Scanner in = new Scanner(System.in);
        String word = in.next();
        long a = in.nextLong(), b = in.nextLong();
        List<byte[]> all = new ArrayList<>();
        Inner inner = () -> System.out.println(Helper.sum(a, word.equals("wrong") ? b + 1 : b));
        if (word.equals("crash")) throw new IllegalStateException("crashed");
        while (word.equals("loop")) {}
        while (word.equals("hog")) all.add(new byte[1 << 20]);
        inner.act();
    }
}
