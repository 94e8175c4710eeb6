"""Any table that people keep themselves: headings are understood in several languages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import PLAIN, ImportSource, import_sources

_NAMES = {
    Field.EMAIL: "email; e mail; mail; email address; e mail address; emailaddress; courriel; adresse e mail;"
    " adresse email; adresse mail; e mail adresse; email adresse; correo; correo electrónico; correo electronico;"
    " البريد; البريد الإلكتروني; بريد إلكتروني; الإيميل; אימייל; דואל; דוא ל; כתובת אימייל",
    Field.GIVEN: "first name; firstname; given name; forename; prénom; prenom; vorname;"
    " الاسم الأول; الاسم الاول; שם פרטי",
    Field.FAMILY: "last name; lastname; surname; family name; nom; nom de famille; nachname; familienname; apellido;"
    " apellidos; اسم العائلة; الكنية; اللقب; שם משפחה",
    Field.FULL: "name; full name; fullname; nom complet; nom et prénom; nombre completo; nombre; الاسم;"
    " الاسم الكامل; שם; שם מלא",
    Field.PHONE: "phone; telephone; tel; mobile; mobile phone; phone number; mobile number; cell; téléphone; telefon;"
    " handy; teléfono; الهاتف; رقم الهاتف; الجوال; טלפון; נייד",
    Field.POSTCODE: "postcode; post code; postal code; zip; zip code; zipcode; code postal; plz; postleitzahl;"
    " código postal; codigo postal; الرمز البريدي; מיקוד",
    Field.ADDRESS: "address; street; street address; address 1; address 2; address line 1; address line 2; adresse;"
    " rue; straße; strasse; dirección; العنوان; כתובת",
    Field.CITY: "city; town; ville; ort; stadt; ciudad; المدينة; עיר",
    Field.REGION: "state; region; province; county; région; bundesland; المحافظة; المنطقة; מחוז",
    Field.COUNTRY: "country; pays; land; país; pais; البلد; الدولة; מדינה; ארץ",
    Field.LANGUAGE: "language; lang; locale; langue; sprache; idioma; اللغة; שפה",
    Field.TAGS: "tags; tag; labels; groups; group; étiquettes; schlagworte; etiquetas; الوسوم; תגיות",
    Field.JOINED: "joined; date joined; join date; created; created at; date added; date d inscription; beigetreten;"
    " تاريخ الانضمام; תאריך הצטרפות",
    Field.STANDING: "consent; opt in; optin; opted in; email opt in; subscribed; subscription status; status; statut;"
    " estado; consentement; einwilligung; consentimiento; موافقة; הסכמה",
    Field.AGREED: "consent date; opt in date; opted in at; date of consent; date du consentement; تاريخ الموافقة",
    Field.EVIDENCE: "consent text; consent source; opt in source; source of consent",
}

import_sources.register(PLAIN)(
    ImportSource(
        title=_("A spreadsheet of your own, or any other program"),
        columns={
            name.strip(): field for field, names in _NAMES.items() for name in names.casefold().split(";")
        },
        how=_(
            "One person in each row, one kind of thing in each column, headings in the first row. CSV or XLSX."
        ),
    )
)
