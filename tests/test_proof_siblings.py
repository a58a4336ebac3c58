"""Of several things that one sentence tells, an answer must have the one that belongs to what was asked."""

from __future__ import annotations

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from docmind.answering.citations import align
from docmind.answering.evidence import gather
from docmind.embeddings import Embedder


@pytest.fixture(scope="module")
def embedder(minilm: Embedder) -> Embedder:
    return minilm


def supported(source: str, question: str, answer: str, embedder: Embedder) -> bool:
    node = TextNode(
        text=source,
        metadata={"title": "Report", "heading": "", "document": "report.pdf", "page": 2},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="report")},
    )
    sentences, _ = align(question, answer, gather(question, [node], embedder), embedder, 0.6)
    return all(sentence.supported for sentence in sentences)


COSTS = "Revenue rose to €40 million while costs rose to €31 million."
LIBRARY = "The library opened in 1987 and was rebuilt in 2004."
PROFIT = "Profit was $5 million in 2019 and $7 million in 2020."
TOWERS = "The north tower has 12 floors and the south tower 15 floors."
TEACHERS = "Berg taught physics and Reed taught chemistry."
FEE = "The fee is 45 euros a night."
LEAVE = "Employees have 25 days of leave a year."
RECOVERED = "Nearly all patients recovered within a week."


@pytest.mark.parametrize(
    ("source", "question", "answer"),
    [
        (COSTS, "What did costs rise to?", "€40 million"),
        (COSTS, "What did costs rise to?", "Costs rose to €40 million."),
        (LIBRARY, "When was it rebuilt?", "1987"),
        (LIBRARY, "When was it rebuilt?", "The answer is 1987."),
        (LIBRARY, "", "The library was rebuilt in 1987."),
        (LIBRARY, "Was the library rebuilt in 1987?", "Yes, the library was rebuilt in 1987."),
        (LIBRARY, "When did the library open?", "2004"),
        (PROFIT, "Profit in 2019?", "$7 million"),
        (PROFIT, "", "In 2019 profit was $7 million."),
        (PROFIT, "What was the profit in 2020?", "The profit in 2020 was $5 million."),
        (TOWERS, "How many floors has the south tower?", "12"),
        (TOWERS, "How many floors has the south tower?", "The south tower has 12 floors."),
        (TOWERS, "", "The south tower has 12 floors."),
        (TOWERS, "How many floors has the north tower?", "15 floors"),
        (TEACHERS, "Who taught chemistry?", "Berg"),
        (TEACHERS, "Who taught physics?", "Reed"),
        (TEACHERS, "", "Berg taught chemistry."),
        (TEACHERS, "What did Berg teach?", "chemistry"),
        (FEE, "How much is the fee?", "The fee is 45 euros a week."),
        (FEE, "", "The fee is 45 euros a week."),
        (FEE, "What is the fee?", "45 euros per month"),
        (LEAVE, "How much leave do employees have?", "25 days of leave a month"),
        (LEAVE, "", "Employees have 25 days of leave a month."),
        (RECOVERED, "", "All patients recovered within a week."),
        (RECOVERED, "How many patients recovered?", "All patients recovered."),
        ("The Gold package costs €90 and the Silver package costs €60.", "How much is the Silver package?", "€90"),
        ("Men earned 31 euros an hour and women 27 euros an hour.", "How much did women earn?", "31 euros an hour"),
        ("Adults pay 12 euros and children 6 euros.", "How much do children pay?", "Children pay 12 euros."),
        (
            "The bridge was begun in 1931 and completed in 1937.",
            "When was the bridge completed?",
            "The bridge was completed in 1931.",
        ),
        ("Anna Berg founded the firm and Karl Holm led it from 1990.", "Who led the firm?", "Anna Berg"),
        (
            "Sales in Norway fell to 12,000 units but sales in Sweden rose to 18,000 units.",
            "How many units were sold in Sweden?",
            "12,000",
        ),
        (
            "In 2019 the firm made a profit of $5 million; in 2020 it made a loss of $3 million.",
            "What was the loss in 2020?",
            "$5 million",
        ),
        (
            "The CEO, Mary Jones, joined in 2001, and the CFO, Peter Smith, joined in 2010.",
            "When did the CFO join?",
            "2001",
        ),
        (
            "The museum opened in 1990, moved to Bergen in 1995 and closed in 2003.",
            "When did the museum move to Bergen?",
            "1990",
        ),
        (
            "The treaty was signed in Rome by Berg and ratified in Paris by Holm.",
            "Where was the treaty signed?",
            "Paris",
        ),
        ("Oslo has 700,000 inhabitants and Bergen 290,000.", "", "Bergen has 700,000 inhabitants."),
        ("The rent is due on the 1st and the deposit on the 15th of March.", "When is the deposit due?", "on the 1st"),
        (
            "The tenant pays 600 euros in rent and 90 euros for heating.",
            "How much does the tenant pay for heating?",
            "The tenant pays 600 euros for heating.",
        ),
        (
            "The pump uses 30 litres a day in summer and 12 litres a day in winter.",
            "",
            "The pump uses 30 litres a week in summer.",
        ),
        ("The monthly fee is 45 euros.", "What is the annual fee?", "45 euros"),
        ("Meyer scored 12 goals in 2019 and 15 goals in 2020.", "How many goals did Meyer score in 2020?", "12 goals"),
        ("Oslo and Bergen have 12 and 15 bridges, respectively.", "How many bridges has Bergen?", "12"),
        (
            "Net sales were $32.8 billion in 2018, $31.7 billion in 2017 and $30.1 billion in 2016.",
            "What were net sales in 2017?",
            "$32.8 billion",
        ),
        (
            "Operating income increased 7% to $9.1 billion, and net income fell 3% to $4.2 billion.",
            "By what percentage did net income fall?",
            "7%",
        ),
        (
            "The tenant shall give 30 days' notice and the landlord shall give 60 days' notice.",
            "How much notice must the landlord give?",
            "The landlord shall give 30 days' notice.",
        ),
        (
            "Berg was born in Oslo and studied in Paris before he moved to London, where he died in 1920.",
            "Where did Berg study?",
            "in Oslo",
        ),
        ("The rent is £1,450 a month, that is £17,400 a year.", "What is the annual rent?", "£1,450"),
        (
            "Shipments to Spain began in March and those to Italy in June.",
            "When did shipments to Italy begin?",
            "March",
        ),
    ],
)
def test_what_belongs_to_another_part_of_the_sentence_is_not_supported(
    source: str, question: str, answer: str, embedder: Embedder
) -> None:
    assert not supported(source, question, answer, embedder)


@pytest.mark.parametrize(
    ("source", "question", "answer"),
    [
        (COSTS, "What did costs rise to?", "€31 million"),
        (COSTS, "What did revenue rise to?", "The answer is €40 million."),
        (COSTS, "What did costs rise to?", "Costs rose to €31 million."),
        (COSTS, "", "Costs rose to €31 million while revenue rose to €40 million."),
        (LIBRARY, "When was it rebuilt?", "2004"),
        (LIBRARY, "When was the library rebuilt?", "The library was rebuilt in 2004."),
        (LIBRARY, "", "The library was rebuilt in 2004."),
        (LIBRARY, "When did the library open?", "In 1987"),
        (PROFIT, "Profit in 2019?", "$5 million"),
        (PROFIT, "What was the profit in 2020?", "The profit in 2020 was $7 million."),
        (PROFIT, "", "In 2020 profit was $7 million."),
        (TOWERS, "How many floors has the south tower?", "15"),
        (TOWERS, "How many floors has the south tower?", "The south tower has 15 floors."),
        (TOWERS, "How many floors has the north tower?", "The answer is 12."),
        (TEACHERS, "Who taught chemistry?", "Reed"),
        (TEACHERS, "", "Chemistry was taught by Reed."),
        (TEACHERS, "What did Berg teach?", "physics"),
        (FEE, "How much is the fee?", "The fee is 45 euros per night."),
        (LEAVE, "How much leave do employees have?", "25 days of leave per year"),
        (RECOVERED, "", "Almost all patients recovered within a week."),
        ("Oslo and Bergen have 12 and 15 bridges, respectively.", "How many bridges has Bergen?", "15"),
        ("Acme bought Birch and Cedar in 2012.", "Whom did Acme buy in 2012?", "Acme bought Cedar in 2012."),
        ("Acme bought Birch in May and Cedar in June.", "", "Acme bought Cedar."),
        ("Acme bought Birch in May and Cedar in June.", "When did Acme buy Cedar?", "June"),
        ("Reed was born in Oslo in 1920 and moved to Bergen in 1950.", "When did Reed move to Bergen?", "1950"),
        ("Reed was born in Oslo in 1920 and moved to Bergen in 1950.", "What is the birth year of Reed?", "1920"),
        ("The mill was built by Holm in 1912 and sold to Voss in 1930.", "Who bought the mill?", "Voss"),
        ("The mill was built by Holm in 1912 and sold to Voss in 1930.", "", "Holm built the mill in 1912."),
        ("The rent is £1,450 a month.", "What is the monthly rent?", "The monthly rent is £1,450."),
        ("The Gold package costs €90 and the Silver package costs €60.", "How much is the Silver package?", "€60"),
        ("Men earned 31 euros an hour and women 27 euros an hour.", "How much did women earn?", "27 euros an hour"),
        ("Adults pay 12 euros and children 6 euros.", "How much do children pay?", "Children pay 6 euros."),
        (
            "The bridge was begun in 1931 and completed in 1937.",
            "When was the bridge completed?",
            "The bridge was completed in 1937.",
        ),
        ("The bridge was begun in 1931 and completed in 1937.", "When was the bridge finished?", "1937"),
        (
            "Anna Berg founded the firm and Karl Holm led it from 1990.",
            "Who founded the firm?",
            "Anna Berg founded the firm.",
        ),
        (
            "Anna Berg founded the firm in 1980 and led it until 1990.",
            "Until when did Anna Berg lead the firm?",
            "1990",
        ),
        (
            "Sales in Norway fell to 12,000 units but sales in Sweden rose to 18,000 units.",
            "",
            "Sales in Sweden rose to 18,000 units.",
        ),
        (
            "The CEO, Mary Jones, joined in 2001, and the CFO, Peter Smith, joined in 2010.",
            "Who is the CFO?",
            "Peter Smith",
        ),
        (
            "The museum has three floors, twelve galleries and a library with 40,000 books.",
            "How many galleries has the museum?",
            "twelve",
        ),
        (
            "The museum opened in 1990, moved to Bergen in 1995 and closed in 2003.",
            "When did the museum close?",
            "2003",
        ),
        ("Holm designed the hall and built it in 1912 with bricks from Oslo.", "Who built the hall?", "Holm"),
        (
            "The treaty was signed in Rome by Berg and ratified in Paris by Holm.",
            "Where was the treaty signed?",
            "Rome",
        ),
        ("Oslo has 700,000 inhabitants and Bergen 290,000.", "", "Oslo has 700,000 inhabitants."),
        ("The tenant pays 600 euros in rent and 90 euros for heating.", "How much is the rent?", "600 euros"),
        (
            "The pump uses 30 litres a day in summer and 12 litres a day in winter.",
            "How much does the pump use in winter?",
            "12 litres a day",
        ),
        ("Virtually all voters supported the plan.", "", "Almost all voters supported the plan."),
        ("Meyer scored 12 goals in 2019 and 15 goals in 2020.", "How many goals did Meyer score in 2020?", "15"),
        (
            "Net sales were $32.8 billion in 2018, $31.7 billion in 2017 and $30.1 billion in 2016.",
            "What were net sales in 2017?",
            "$31.7 billion",
        ),
        (
            "Operating income increased 7% to $9.1 billion, and net income fell 3% to $4.2 billion.",
            "By what percentage did operating income increase?",
            "7%",
        ),
        (
            "The tenant shall give 30 days' notice and the landlord shall give 60 days' notice.",
            "How much notice must the tenant give?",
            "30 days",
        ),
        (
            "Alice Reed and Tom Berg wrote the report and Lisa Holm edited it.",
            "Who wrote the report?",
            "Alice Reed and Tom Berg",
        ),
        (
            "The river is 310 km long and drains 9,000 square kilometres.",
            "How large an area does the river drain?",
            "9,000 square kilometres",
        ),
        (
            "The first phase costs $2 million and lasts six months, the second costs $5 million and lasts a year.",
            "How much does the second phase cost?",
            "$5 million",
        ),
        ("The rent is £1,450 a month, that is £17,400 a year.", "What is the rent a year?", "£17,400"),
        (
            "The plant in Lyon employs 400 people and makes 12,000 pumps a year, more than Turin and Graz.",
            "How many people does the plant in Lyon employ?",
            "400",
        ),
        (
            "The Board met on 12 May 2021 and approved the budget of £3.2 million, which is 4% more than in 2020.",
            "When did the Board approve the budget?",
            "12 May 2021",
        ),
        ("Of the 45 members, 31 voted for the plan and 9 against it.", "How many members voted against the plan?", "9"),
        ("Of the 45 members, 31 voted for the plan and 9 against it.", "How many members voted for the plan?", "31"),
        ("Smith scored 21 points and Jones added 18 as the Bears won.", "How many points did Jones score?", "18"),
    ],
)
def test_what_belongs_to_it_is(source: str, question: str, answer: str, embedder: Embedder) -> None:
    assert supported(source, question, answer, embedder)
