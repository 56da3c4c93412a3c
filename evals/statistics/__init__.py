"""Statistics of evaluations: pure, with numpy. A module an idea; each function names its source.

Values are plain sequences of numbers or arrays of one dimension; what is undefined is None. Laws
(normal, Student, binomial) and intervals of one proportion are those of `kit.intervals`.
"""
