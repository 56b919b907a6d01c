"""Traces of Python programs: events, state trees, debugger actions, and the language that models read."""

from .actions import Action, ActionKind, Exit, State, target_of
from .crux import CruxRow, read_crux_rows, write_crux_rows
from .family_functions import family_function, family_rows
from .files import TraceFiles, read_traces, write_traces
from .language import MARKERS, Frame, Transcript, frame_of, parse_frame, parse_transcript, print_frame
from .policy import DataPolicy, Walk, forward_policy, inverse_policy, walk
from .rows import transition_rows, walk_rows
from .trace import Event, EventKind, Trace, TraceTarget
from .tree import Node, StateTree

__all__ = [
    "MARKERS",
    "Action",
    "ActionKind",
    "CruxRow",
    "DataPolicy",
    "Event",
    "EventKind",
    "Exit",
    "Frame",
    "Node",
    "State",
    "StateTree",
    "Trace",
    "TraceFiles",
    "TraceTarget",
    "Transcript",
    "Walk",
    "family_function",
    "family_rows",
    "forward_policy",
    "frame_of",
    "inverse_policy",
    "parse_frame",
    "parse_transcript",
    "print_frame",
    "read_crux_rows",
    "read_traces",
    "target_of",
    "transition_rows",
    "walk",
    "walk_rows",
    "write_crux_rows",
    "write_traces",
]
