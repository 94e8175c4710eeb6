from amparo.mailings.models.mail_allowance import MailAllowance
from amparo.mailings.models.notice import Notice

__all__ = ["MailAllowance", "Notice"]
