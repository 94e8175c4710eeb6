from amparo.content.models.base_page import BasePage
from amparo.content.models.campaign import Campaign
from amparo.content.models.home_page import HomePage
from amparo.content.models.media import CreditedImage, CreditedRendition
from amparo.content.models.site_identity import SiteIdentity
from amparo.content.models.standard_page import StandardPage

__all__ = [
    "BasePage",
    "Campaign",
    "CreditedImage",
    "CreditedRendition",
    "HomePage",
    "SiteIdentity",
    "StandardPage",
]
