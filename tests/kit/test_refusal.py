from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal


class TooLate(Refusal):
    sentence = _("The hearing of %(day)s is over.")


def test_a_refusal_says_its_sentence_with_what_it_was_given():
    assert str(TooLate(day="3 May")) == "The hearing of 3 May is over."


def test_one_may_be_raised_with_a_sentence_of_its_own():
    assert str(Refusal("100 % of the seats are taken.")) == "100 % of the seats are taken."


def test_without_context_nothing_is_filled_in():
    assert str(TooLate()) == "The hearing of %(day)s is over."
    assert str(Refusal()) == "That cannot be done."
