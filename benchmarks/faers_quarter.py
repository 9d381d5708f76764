"""A synthetic quarter in the layout of a FAERS zip: made-up names, popular by Zipf's law, drawn independently.

Nothing in it is a real report. Real fields go together and compress worse or better; sizes of columns follow the two
public mini zips and the mean of 3.2 products a report.
"""

import tempfile
import zipfile
from pathlib import Path

import duckdb

DRUGS, TERMS = 6_000, 20_000
_DRAWN = "floor({n} * power(random(), 3))::INTEGER"  # many draws of few names, few of many

_TABLES = {
    "DEMO": """SELECT i * 10 + 1 AS primaryid, i AS caseid, 1 AS caseversion, 'I' AS i_f_code,
        CASE WHEN i % 3 = 0 THEN '' ELSE strftime(DATE '{day}' - (i % 400)::INTEGER, '%Y%m%d') END AS event_dt,
        '{compact}' AS mfr_dt, '{compact}' AS init_fda_dt,
        strftime(DATE '{day}' + (i % 90)::INTEGER, '%Y%m%d') AS fda_dt, 'EXP' AS rept_cod, '' AS auth_num,
        'US-SYNTHETIC-' || i AS mfr_num, 'SYNTHETIC MAKER ' || i % 300 AS mfr_sndr, '' AS lit_ref,
        CASE WHEN i % 4 = 0 THEN '' ELSE (i % 90)::VARCHAR END AS age,
        CASE WHEN i % 4 = 0 THEN '' ELSE 'YR' END AS age_cod, '' AS age_grp,
        ['F', 'M', 'F', ''][i % 4 + 1] AS sex, 'Y' AS e_sub, '' AS wt, '' AS wt_cod, '{compact}' AS rept_dt,
        '' AS to_mfr, ['MD', 'CN', 'HP', 'PH'][i % 4 + 1] AS occp_cod, 'US' AS reporter_country,
        ['US', 'DE', 'JP', 'GB'][i % 4 + 1] AS occr_country FROM cases""",
    "DRUG": """SELECT i * 10 + 1 AS primaryid, i AS caseid, s AS drug_seq,
        CASE s WHEN 1 THEN 'PS' WHEN 2 THEN 'SS' ELSE 'C' END AS role_cod, 'SYNTHETIC DRUG ' || d AS drugname,
        'SYNTHETIC INGREDIENT ' || d % 3000 AS prod_ai, 1 AS val_vbm, ['Oral', 'Unknown', ''][d % 3 + 1] AS route,
        CASE WHEN d % 2 = 0 THEN '' ELSE 'UNK, ' || d % 50 || ' MG' END AS dose_vbm, '' AS cum_dose_chr,
        '' AS cum_dose_unit, 'U' AS dechal, 'U' AS rechal,
        CASE WHEN d % 8 = 0 THEN 'LOT ' || (random() * 90000)::INTEGER WHEN d % 9 = 0 THEN 'UNKNOWN' ELSE '' END
        AS lot_num, '' AS exp_dt, lpad(d::VARCHAR, 6, '0') AS nda_num, '' AS dose_amt, '' AS dose_unit,
        'TABLET' AS dose_form, '' AS dose_freq
        FROM (SELECT i, unnest(range(1, n + 1)) AS s, {drug} AS d FROM cases)""",
    "REAC": """SELECT i * 10 + 1 AS primaryid, i AS caseid, 'Synthetic reaction ' || t AS pt, '' AS drug_rec_act
        FROM (SELECT i, unnest(range(i % 5 + 1)) AS s, {term} AS t FROM cases)""",
    "OUTC": """SELECT i * 10 + 1 AS primaryid, i AS caseid, ['OT', 'HO', 'DE'][i % 3 + 1] AS outc_cod
        FROM cases WHERE i % 2 = 0""",
    "INDI": """SELECT i * 10 + 1 AS primaryid, i AS caseid, s AS indi_drug_seq,
        'Synthetic indication ' || i % 900 AS indi_pt
        FROM (SELECT i, unnest(range(1, n + 1)) AS s FROM cases)""",
    "THER": """SELECT i * 10 + 1 AS primaryid, i AS caseid, 1 AS dsg_drug_seq, '{compact}' AS start_dt, '' AS end_dt,
        '' AS dur, '' AS dur_cod FROM cases WHERE i % 3 = 0""",
    "RPSR": "SELECT i * 10 + 1 AS primaryid, i AS caseid, 'HP' AS rpsr_cod FROM cases WHERE i % 20 = 0",
}


def write_quarter(
    path: Path, reports: int, *, year: int = 2024, quarter: int = 3, first: int = 20_000_000
) -> int:
    """Write a zip with this many reports, cases numbered from ``first``; returns the bytes of text in it."""
    day = f"{year}-{3 * quarter - 2:02d}-01"
    words = {
        "day": day,
        "compact": day.replace("-", ""),
        "drug": _DRAWN.format(n=DRUGS),
        "term": _DRAWN.format(n=TERMS),
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out,
    ):
        con = duckdb.connect(config={"threads": 1})
        con.execute("SELECT setseed(0.5)")
        con.execute(
            "CREATE TABLE cases AS SELECT i + ? AS i, least(20, 1 + floor(-2.2 * ln(1 - random())))::INTEGER AS n "
            "FROM range(?) t(i)",
            [first, reports],
        )
        total = 0
        for table, query in _TABLES.items():
            name = f"{table}{year % 100:02d}Q{quarter}.txt"
            text = Path(folder) / name
            con.execute(
                f"COPY ({query.format(**words)}) TO '{text}' (FORMAT csv, DELIMITER '$', HEADER, QUOTE '', ESCAPE '')"
            )
            total += text.stat().st_size
            out.write(text, f"ascii/{name}")
            text.unlink()
    return total
