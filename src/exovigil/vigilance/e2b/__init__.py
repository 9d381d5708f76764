"""ICH E2B(R3): the individual case safety report, written, read safely and checked.

What is here
    ``elements`` is the one table that everything follows: every ICH element, the FDA ones, their groups, lengths,
    code lists, conditions and places in the message (``content/e2b_elements.csv``). ``read_records`` turns a file
    into ``Record``s and ``write_records`` turns them back; ``rewrite`` does both and lists what was lost.
    ``model`` is a case of this registry with its contradictions refused, ``records_of`` its records, ``writer`` the
    file. ``places`` finds every place of the table in one walk, for the reader and the checker alike. ``r2`` and
    ``read_r2`` upgrade E2B(R2) reports and tell the fate of every value. ``checker`` reports what is wrong with a
    file: the ICH schema, each element against the table, and rules
    across elements (``rules``); a large batch message by message in its ``frame``. ``acknowledgement`` reads a
    receiver's answer.

Drafts: exporting without MedDRA
    ICH makes a MedDRA code and version mandatory for every reaction (E.i.2.1a/b), and MedDRA may not be
    shipped with this software. A case with a reaction that has no MedDRA code can therefore not be a report
    that anyone files. It is written as a **draft**, and says so in the file itself:

    * the message's ``processingCode`` is ``T`` (HL7 ProcessingID "training") instead of ``P`` ("production"),
      so that a receiving system does not take it for a live report. The schema knows P, T and D (debugging)
      only; there is no code for "draft", and T is the one that means "not for processing as real";
    * the reaction's value stays in the MedDRA code system with ``nullFlavor="NI"``, keeps the reporter's own
      words as ``originalText`` and carries the free NCI Thesaurus code, if there is one, as ``translation``;
    * a comment at the head of the file says the same to a human reader.

    The checker accepts a missing MedDRA code only in this shape. The same reaction in a production message
    is an error that names E.i.2.1b, and so is a draft's reaction without any words.
"""
