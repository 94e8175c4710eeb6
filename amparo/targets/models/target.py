from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.targets.models.area import Area
from amparo.targets.models.dataset import Dataset


class Legislature(models.Model):
    """A parliament, and whether it sits: while it is dissolved nobody holds its seats."""

    class State(models.TextChoices):
        SITTING = "sitting", "sitting"
        DISSOLVED = "dissolved", "dissolved"
        BETWEEN = "between", "between elections"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="legislatures")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    names = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SITTING)
    since = models.DateField(null=True)
    area_set_code = models.CharField(max_length=60, blank=True)
    post_noun = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "code"], name="one_legislature_per_code")]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Someone who holds, or held, an office. Public office data only.

    `salutations`, per language, is what the office asks to be called and wins over every form of address.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="people")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=500)
    given_name = models.CharField(max_length=500, blank=True)
    family_name = models.CharField(max_length=500, blank=True)
    honorific_prefix = models.CharField(max_length=500, blank=True)
    honorific_suffix = models.CharField(max_length=500, blank=True)
    gender = models.CharField(max_length=60, blank=True)
    identifiers = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    salutations = models.JSONField(default=dict)

    class Meta:
        ordering = ["family_name", "name"]
        constraints = [models.UniqueConstraint(fields=["dataset", "code"], name="one_person_per_code")]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """An office that somebody holds: a seat in a parliament, a ministry. Campaigns bind to it, not to its holder.

    `code` is stable over versions of the data, such as commons/E14001063; with the slug in front it is the target key.
    A committee, or an area that elects several, is one post with as many `seats`.
    """

    class Kind(models.TextChoices):
        SEAT = "seat", "seat"
        MINISTER = "minister", "minister"
        COMMITTEE = "committee", "committee"
        OTHER = "other", "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="posts")
    code = models.CharField(max_length=99, help_text="With the slug and a stroke, at most 140: a target key.")
    label = models.CharField(max_length=500)
    role = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SEAT)
    legislature = models.ForeignKey(Legislature, on_delete=models.CASCADE, null=True, related_name="posts")
    organization_name = models.CharField(max_length=500, blank=True)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, null=True, related_name="posts")
    office = models.CharField(max_length=60, blank=True, help_text="The key of a form of address.")
    holders_known = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(null=True, help_text="The order of ministers, 1 first.")
    seats = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "code"], name="one_post_per_code"),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="post_has_a_seat"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def key(self) -> str:
        """The name of this target over all versions, such as uk/commons/E14001063."""
        return f"{self.dataset.slug}/{self.code}"


class Membership(models.Model):
    """One person in one post, and how: elected, appointed, acting, on leave or suspended."""

    class Status(models.TextChoices):
        ELECTED = "elected", "elected"
        APPOINTED = "appointed", "appointed"
        ACTING = "acting", "acting"
        ON_LEAVE = "on_leave", "on leave"
        SUSPENDED = "suspended", "suspended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="memberships")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ELECTED)
    party = models.CharField(max_length=500, blank=True)
    party_name = models.CharField(max_length=500, blank=True)
    start = models.DateField(null=True)
    end = models.DateField(null=True)
    note = models.TextField(blank=True)
    flags = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], name="one_membership_per_post_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.post}"


class ContactPoint(models.Model):
    """One way to reach a person, a post or one person in one post: e-mail, a form, a telephone, a postal address.

    `position` is the order in which the source lists them; of two e-mail addresses the first is written to.
    """

    class Type(models.TextChoices):
        EMAIL = "email", "e-mail"
        FORM = "form", "form"
        PHONE = "phone", "telephone"
        POST = "post", "post"
        VIA = "via", "via another office"
        SOCIAL = "social", "social media"

    class Accepts(models.TextChoices):
        ALL = "all", "everybody"
        CONSTITUENTS = "constituents", "constituents"
        NONE = "none", "nobody"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="contacts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="contacts")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="contacts")
    position = models.PositiveIntegerField(default=0)
    type = models.CharField(max_length=8, choices=Type.choices)
    value = models.TextField()
    note = models.TextField(blank=True)
    accepts = models.CharField(max_length=14, choices=Accepts.choices, default=Accepts.ALL)
    requires = models.JSONField(default=list)
    office = models.CharField(max_length=500, blank=True)
    verified_on = models.DateField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, post__isnull=True, membership__isnull=True)
                | models.Q(person__isnull=True, post__isnull=False, membership__isnull=True)
                | models.Q(person__isnull=True, post__isnull=True, membership__isnull=False),
                name="contact_point_belongs_to_one_holder",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}: {self.value}"
