'''How good answers are: right, refused where the documents do not say, and never altered.

A part is one module here with one function, and one line in `PARTS` of `measuring.py`:

    def measure(run: Run) -> Measured:
        """What this part does, in a sentence."""

`Run` (`run.py`) has what it needs: `run.settings` (engine and model), `run.data` (the documents, and the questions of
the half that is measured), `run.sample("name")` (questions in an order that is the same every time, evenly over the
documents), `run.size(default)` (how many things to try) and `run.folder` (kept from run to run with `--out`).
`with run.library() as library:` has all documents ingested; `library.ask(question)` answers through `answering.ask`
and keeps the answer, so that a run that broke goes on where it was. `library.workspace` is there for whatever else a
part wants to call. `Measured` holds the figures, with targets where there are any, and one record for each thing tried,
which should say the question, the answer and the verdict. Names of figures begin with the part's. `share` (`run.py`)
makes a figure of hits and tries. Sets are made by code with a fixed seed, from nothing but the data folder.
'''
