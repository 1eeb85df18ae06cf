"""Growth: is a count O(bound), with which constant, from which size on, and when does one count fall below another."""

from theory.growth.constants import Constant
from theory.growth.crossing import Crossing, cheaper_from
from theory.growth.decision import Decision, decide
from theory.growth.domination import Answer, Impossible, compare

__all__ = ["Answer", "Constant", "Crossing", "Decision", "Impossible", "cheaper_from", "compare", "decide"]
