from amparo.actions.models.action import Action, Confirmation
from amparo.actions.models.action_page import ActionPage, Demand
from amparo.actions.models.addressed_page import AddressedPage, DraftedPage
from amparo.actions.models.answer import Answer, NoQuestions
from amparo.actions.models.call_page import CallPage
from amparo.actions.models.campaign_demand import CampaignDemand, DemandOutcome
from amparo.actions.models.campaign_page import CampaignPage, CampaignUpdate, PartnerLink
from amparo.actions.models.case_following import CaseFollowing, CaseNews, CaseTelling
from amparo.actions.models.confirmation_reminder import ConfirmationReminder
from amparo.actions.models.email_target_page import EmailTargetPage
from amparo.actions.models.hand_over import HandOver, HandOverPiece
from amparo.actions.models.hour import Achievement, Reminder
from amparo.actions.models.invalidation import InvalidatedAction, Invalidation
from amparo.actions.models.letter_version import LetterVersion
from amparo.actions.models.message import Message, MessageEvent, TargetPace
from amparo.actions.models.names_bundle import HandedName, NamesBundle
from amparo.actions.models.open_letter_page import OpenLetterPage
from amparo.actions.models.partner_link_state import PartnerLinkState
from amparo.actions.models.partner_page import PartnerPage
from amparo.actions.models.petition_page import PetitionPage
from amparo.actions.models.postal_letter_page import PostalLetterPage
from amparo.actions.models.report import Report
from amparo.actions.models.self_reported import SelfReported
from amparo.actions.models.share_page import SharePage
from amparo.actions.models.sign_up_page import SignUpPage
from amparo.actions.models.signature import PaperSheet, Signature
from amparo.actions.models.signed_page import Signatory, SignedPage
from amparo.actions.models.stance import Stance, Voice
from amparo.actions.models.tally import Tally
from amparo.actions.models.trend import TakenCount, Trend, TrendLook

__all__ = [
    "Achievement",
    "Action",
    "ActionPage",
    "AddressedPage",
    "Answer",
    "CallPage",
    "CampaignDemand",
    "CampaignPage",
    "CampaignUpdate",
    "CaseFollowing",
    "CaseNews",
    "CaseTelling",
    "Confirmation",
    "ConfirmationReminder",
    "Demand",
    "DemandOutcome",
    "DraftedPage",
    "EmailTargetPage",
    "HandOver",
    "HandOverPiece",
    "HandedName",
    "InvalidatedAction",
    "Invalidation",
    "LetterVersion",
    "Message",
    "MessageEvent",
    "NamesBundle",
    "NoQuestions",
    "OpenLetterPage",
    "PaperSheet",
    "PartnerLink",
    "PartnerLinkState",
    "PartnerPage",
    "PetitionPage",
    "PostalLetterPage",
    "Reminder",
    "Report",
    "SelfReported",
    "SharePage",
    "SignUpPage",
    "Signatory",
    "Signature",
    "SignedPage",
    "Stance",
    "TakenCount",
    "Tally",
    "TargetPace",
    "Trend",
    "TrendLook",
    "Voice",
]
