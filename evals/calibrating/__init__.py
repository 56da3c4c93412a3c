"""How far a judge agrees with people. Pure: knows no table; numbers in, figures out."""
