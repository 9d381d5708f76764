"""Pages of the evidence room: the map says where nothing was found, and every figure can be opened."""

import csv
import io
import re

import pytest
from django.urls import reverse

from exovigil.evidence import queries
from exovigil.evidence.charts import direction_plot
from exovigil.evidence.words import WORDS, effect_words, result_words, workings

ADDRESSES = (
    "/evidence/",
    "/evidence/studies/",
    "/evidence/studies/wan2025/",
    "/evidence/conditions/skin_ageing/",
    "/evidence/conditions/skin_flaps/",
    "/evidence/harms/",
    "/evidence/trials/",
)


@pytest.fixture
def browser(client_of, reviewer):
    return client_of(reviewer)


def text_of(response) -> str:
    """The words of a page as a reader meets them."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def csv_rows(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode())))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_opens_with_few_queries_and_nothing_inline(
    browser, address, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        response = browser.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    assert not re.search(r"\sstyle=|<style|\son\w+=", page)
    assert len(re.findall(r"<h1[ >]", page)) == 1


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "administrator"])
def test_every_member_reads_the_evidence(client_of, actor, role):
    assert client_of(actor(role)).get("/evidence/").status_code == 200


def test_nobody_reads_it_without_signing_in(client, db):
    response = client.get("/evidence/")
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_only_read(browser, address):
    assert browser.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/evidence/studies/nobody1999/", "/evidence/conditions/warts/"])
def test_what_is_not_there_is_not_found(browser, address):
    assert browser.get(address).status_code == 404


def test_the_map_names_the_seven_of_the_twelve_without_a_study(browser):
    page = text_of(browser.get("/evidence/"))
    assert "7 of the twelve: no human study found" in page
    assert "may serve as effective option" in page
    assert "systemic sclerosis and systemic lupus erythematosus" in page


def test_each_cell_of_the_map_opens_its_condition_and_says_what_it_holds(browser):
    page = browser.get("/evidence/").content.decode()
    cells = re.findall(r'<td><a class="cell ([a-z]*)" href="([^"]+)">(.*?)</a></td>', page, flags=re.S)
    assert len(cells) == len(queries.conditions()) * len(queries.PRODUCT_CLASSES)
    assert all("no human study found" in words for tone, _, words in cells if tone == "none")
    wounds = next(words for _, url, words in cells if url == "/evidence/conditions/wound_healing/#human")
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", wounds))
    for part in ("5 studies", "3 randomised", "192 people", "2 no difference", "▲ 2 favours exosome"):
        assert part in said
    assert (
        browser.get("/evidence/conditions/wound_healing/").content.decode().count('<tbody id="human">') == 1
    )


def test_the_twelve_come_first_on_the_map(browser):
    page = text_of(browser.get("/evidence/"))
    twelve, others = page.index("The twelve conditions of"), page.index("Other conditions studied")
    assert twelve < page.index("Vitiligo", twelve) < others < page.index("Melasma", others)


def test_every_direction_has_a_word_a_shape_and_a_meaning_in_the_legend(browser):
    page = text_of(browser.get("/evidence/"))
    assert {word.direction for word in WORDS} == set(queries.Direction)
    assert len({word.shape for word in WORDS}) == len(WORDS)
    for word in WORDS:
        assert f"{word.shape} {word.word} {word.meaning}" in page


def test_the_study_list_filters_by_condition_and_source(browser):
    found = csv_rows(
        browser.get("/evidence/studies/?condition=androgenetic_alopecia&source=plant&export=csv")
    )
    assert [row["Study"] for row in found] == ["Amini F 2025"]


def test_the_study_list_searches_all_words_and_says_when_nothing_fits(browser):
    found = csv_rows(browser.get("/evidence/studies/?q=plated+serum&export=csv"))
    assert {row["Key"] for row in found} == {"proffer2022", "wyles2024"}
    page = browser.get("/evidence/studies/?q=unicorn")
    assert "Take a filter away" in text_of(page)
    assert 'name="q" value="unicorn"' in page.content.decode()


def test_the_study_list_sorts_with_unknown_numbers_last_in_both_directions(browser):
    rising = [row["People"] for row in csv_rows(browser.get("/evidence/studies/?sort=people&export=csv"))]
    falling = [row["People"] for row in csv_rows(browser.get("/evidence/studies/?sort=-people&export=csv"))]
    known = [int(number) for number in rising if number]
    assert known == sorted(known)
    assert [int(number) for number in falling if number] == sorted(known, reverse=True)
    assert rising[-1] == falling[-1] == ""
    assert len(rising) == len(queries.studies())


def test_the_study_list_pages_and_keeps_its_filters(browser):
    first = browser.get("/evidence/studies/?sort=study").content.decode()
    assert "1–25 of 34" in first
    assert "?sort=study&amp;page=2" in first
    second = browser.get("/evidence/studies/?sort=study&page=2").content.decode()
    assert "26–34 of 34" in second
    assert 'aria-sort="ascending"' in second


def test_a_sort_or_filter_that_makes_no_sense_is_ignored(browser):
    response = browser.get("/evidence/studies/?sort=password&condition=nonsense&page=900")
    assert response.status_code == 200
    assert "26–34 of 34" in response.content.decode()


def test_the_export_holds_every_study_with_how_far_it_was_read(browser):
    response = browser.get("/evidence/studies/?export=csv")
    assert response["Content-Type"].startswith("text/csv")
    rows = csv_rows(response)
    assert len(rows) == 34
    assert all(row["Read"] and row["Address read"].startswith("http") for row in rows)
    assert {row["Counted on the map"] for row in rows if row["Key"] == "liang2022_cm"} == {"no"}


def test_a_study_page_shows_how_far_it_was_read_in_the_first_words(browser):
    page = text_of(browser.get(reverse("evidence:study", args=["han2023dfr"])))
    assert "excerpt" in page
    assert "“fragments of full text”" in page
    assert "10.1080/09546634.2023.2220444" in page


def test_a_study_page_shows_the_sum_behind_a_flag(browser):
    page = text_of(browser.get(reverse("evidence:study", args=["wyles2024"])))
    assert "Percentage does not fit the number of people" in page
    assert "48 of 56 is 85.7 %" in page
    assert "49 of 56 is 87.5 %" in page
    assert "No whole number of 56 people gives 87.3 %" in page


def test_a_study_page_shows_both_arms_as_published(browser):
    page = text_of(browser.get(reverse("evidence:study", args=["amini2025"])))
    for part in ("9.5 hairs (IQR 16.88)", "1.5 hairs (IQR 3.00)", "0.73 (0.41 to 0.89)", "NCT06930326"):
        assert part in page


def test_what_was_not_read_says_so_instead_of_zero(browser):
    page = text_of(browser.get(reverse("evidence:study", args=["cho2020"])))
    assert "number of people not stated" in page
    assert "not in the part read" in page


def test_a_condition_page_never_pools_and_says_why(browser):
    page = text_of(browser.get(reverse("evidence:condition", args=["wound_healing"])))
    assert "No pooled estimate is given. Of these 5 studies only one (Johnson J 2023) gives" in page


def test_a_condition_page_sets_conditioned_medium_and_healthy_people_aside(browser):
    ageing = text_of(browser.get(reverse("evidence:condition", args=["skin_ageing"])))
    psoriasis = text_of(browser.get(reverse("evidence:condition", args=["psoriasis"])))
    assert "conditioned medium : not counted" in ageing or "conditioned medium: not counted" in ageing
    assert "without the condition: not counted" in psoriasis


def test_a_condition_without_a_study_says_so_and_what_that_means(browser):
    page = text_of(browser.get(reverse("evidence:condition", args=["skin_flaps"])))
    assert "No human study of exosomes for skin flaps was found" in page
    assert "not proof that they fail" in page


def test_the_direction_plot_has_one_mark_a_study_and_a_name():
    rows = queries.gap_map().row("skin_ageing").studies
    drawn = direction_plot(rows, title="Where they point.")
    assert 'aria-label="Where they point. Each study and where it points is in the table."' in drawn
    for row in rows:
        assert row.label in drawn
    assert len(re.findall(r'aria-roledescription="point"', drawn)) == len(rows)
    assert direction_plot((), title="Nothing") == ""


def test_harms_have_a_denominator_or_say_that_there_is_none(browser):
    page = text_of(browser.get("/evidence/harms/"))
    assert page.count("No denominator") == len(queries.exosome_harms())
    assert page.index("Studies that counted both") < page.index("Set apart: looks the same")
    assert page.index("Set apart: looks the same") < page.index(
        "Granuloma after microneedling without any exosome"
    )
    assert "not necrotising" in page


def test_trials_show_when_the_register_disagrees_with_itself(browser):
    page = text_of(browser.get("/evidence/trials/"))
    assert "60 people planned in one copy of the record, 30 in a later one" in page
    for row in queries.trials():
        assert row.registry_id in page


def test_every_result_can_be_said_in_words():
    for study in queries.studies():
        for row in queries.outcomes_of(study.key):
            assert result_words(row).startswith(row.outcome)
            assert "None" not in result_words(row) + effect_words(row)


def test_a_sum_that_fits_is_shown_too():
    study = queries.study("proietti2024")
    found = workings(study, queries.outcomes_of(study.key))
    assert [w.fits for w in found] == [True, True]
    assert "18 of 20 is 90.0 %." in found[0].lines


def test_harms_of_a_class_keep_those_whose_source_nobody_states():
    keys = {row.key for row in queries.harms_of("plant")}
    assert keys == {"nahm2024", "tawanwongsri2024"}
    assert {"nebraska2019", "kimera2023"} < {row.key for row in queries.harms_of("human")}


def test_counts_for_the_first_page():
    counts = queries.counts()
    assert (counts.studies, counts.gaps) == (34, 7)
    assert counts.flags == len(queries.flags())


def test_an_unknown_product_class_is_named():
    with pytest.raises(KeyError, match="unicorn"):
        queries.product_class("unicorn")
