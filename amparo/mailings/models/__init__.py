from amparo.mailings.models.audience_chunk import AudienceChunk
from amparo.mailings.models.automation import Automation, AutomationStep, DigestIssue, DigestReader
from amparo.mailings.models.breaker import Breaker
from amparo.mailings.models.delivery_failure import DeliveryFailure
from amparo.mailings.models.enrolment import Enrolment, StepMail
from amparo.mailings.models.mail_allowance import MailAllowance, StrangerAllowance
from amparo.mailings.models.mailing import Mailing
from amparo.mailings.models.mailing_body import MailingBody
from amparo.mailings.models.mailing_pace import MailingPace
from amparo.mailings.models.mailing_text import MailingText
from amparo.mailings.models.notice import Notice
from amparo.mailings.models.soft_bounces import SoftBounces

__all__ = [
    "AudienceChunk",
    "Automation",
    "AutomationStep",
    "Breaker",
    "DeliveryFailure",
    "DigestIssue",
    "DigestReader",
    "Enrolment",
    "MailAllowance",
    "Mailing",
    "MailingBody",
    "MailingPace",
    "MailingText",
    "Notice",
    "SoftBounces",
    "StepMail",
    "StrangerAllowance",
]
