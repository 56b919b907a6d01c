"""Synthesis of problems: a teacher writes them, a student attempts them, pass rates lead the teacher on."""
