import uuid

from amparo.kit.ids import new_id


def test_ids_are_ordinary_uuids_in_the_order_they_were_made():
    made = [new_id() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {type(one) for one in made} == {uuid.UUID}
    assert {one.version for one in made} == {7}
