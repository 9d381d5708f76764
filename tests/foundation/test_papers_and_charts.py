"""Charts and papers come out as what they claim to be."""

import altair as alt
import pytest

from exovigil.foundation.charts import as_svg
from exovigil.foundation.papers import print_pdf


def test_a_chart_is_a_labelled_picture_without_inline_style():
    data = alt.Data(values=[{"x": 1, "y": 2}, {"x": 2, "y": 3}])
    svg = as_svg(alt.Chart(data).mark_line().encode(x="x:Q", y="y:Q"), label='Events & "boundary"')
    assert svg.startswith('<svg role="img" aria-label="Events &amp; &quot;boundary&quot;"')
    assert "style=" not in svg
    assert "<script" not in svg


def test_a_patients_words_cannot_become_typesetting(tmp_path):
    template = tmp_path / "paper.typ"
    template.write_text("#let data = json(bytes(sys.inputs.data))\n= Paper\n#data.words")
    pdf = print_pdf(template, {"words": '#panic("no") #read("/etc/passwd") $x$'})
    assert pdf.startswith(b"%PDF-1.7")


def test_a_broken_template_raises(tmp_path):
    template = tmp_path / "paper.typ"
    template.write_text("#nonsense(")
    with pytest.raises(Exception, match=r"unclosed|nonsense"):
        print_pdf(template, {})
