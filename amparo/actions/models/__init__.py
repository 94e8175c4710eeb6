from amparo.actions.models.action import Action, Confirmation
from amparo.actions.models.action_page import ActionPage, Demand
from amparo.actions.models.email_target_page import EmailTargetPage
from amparo.actions.models.message import Message, MessageEvent, TargetPace
from amparo.actions.models.tally import Tally

__all__ = [
    "Action",
    "ActionPage",
    "Confirmation",
    "Demand",
    "EmailTargetPage",
    "Message",
    "MessageEvent",
    "Tally",
    "TargetPace",
]
