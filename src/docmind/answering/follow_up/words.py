"""The words that grammar is read from: small ones, and common verbs, which end a subject."""

from __future__ import annotations

ADJUNCTS = frozenset({"when", "where", "why", "how"})
QUESTION_WORDS = ADJUNCTS | {"what", "which", "who", "whom", "whose"}
# What takes the bare verb after its subject, what takes a participle, and what takes either a noun or a predicate.
DO = frozenset({"do", "does", "did", "can", "could", "will", "would", "shall", "should", "may", "might", "must"})
HAVE = frozenset({"has", "have", "had"})
BE = frozenset({"is", "are", "was", "were"})
AUXILIARIES = DO | HAVE | BE
DETERMINERS = frozenset({"the", "a", "an", "my", "our", "your"})
PREPOSITIONS = frozenset(
    {
        *(
            "of",
            "in",
            "on",
            "at",
            "by",
            "for",
            "from",
            "to",
            "with",
            "without",
            "about",
            "into",
            "onto",
            "over",
            "under",
        ),
        *("between", "among", "during", "before", "after", "since", "until", "till", "against", "through", "across"),
        *("as", "than", "per", "within", "near", "behind", "beyond", "around", "towards", "via", "despite", "like"),
    }
)
PRONOUNS = frozenset(
    {
        *("it", "its", "they", "them", "their", "theirs", "he", "him", "his", "she", "her", "hers"),
        *("this", "that", "these", "those", "i", "you", "we", "us", "me", "there"),
    }
)
SMALL = (
    QUESTION_WORDS
    | AUXILIARIES
    | DETERMINERS
    | PREPOSITIONS
    | PRONOUNS
    | {
        *("and", "or", "but", "so", "nor", "not", "no", "if", "because", "while", "be", "been", "being", "am"),
        *("much", "many", "more", "most", "less", "least", "some", "any", "all", "each", "every", "both", "either"),
        *("also", "then", "else", "ever", "only", "just", "still", "yet", "again", "last", "next", "same", "other"),
        *("called", "made", "become", "became", "go", "went", "come", "came", "say", "said", "get", "got", "long"),
        *("itself", "themselves", "himself", "herself", "myself", "yourself", "ourselves", "oneself"),
        *("away", "back", "out", "up", "down", "off", "together", "else", "here"),
        *("often", "old", "according", "exactly", "originally", "typically", "usually", "generally"),
    }
)
# What 'this document' means is what the user has open, not what the last question was about.
DOCUMENTS = frozenset({"document", "documents", "file", "files", "page", "paper", "pdf", "text", "library", "folder"})
# Nouns that say something of what comes after their 'of', and are not talked about themselves.
RELATIONS = frozenset(
    {
        *(
            "size",
            "name",
            "number",
            "percentage",
            "vicinity",
            "part",
            "type",
            "kind",
            "amount",
            "population",
            "capital",
        ),
        *(
            "area",
            "length",
            "value",
            "cause",
            "purpose",
            "role",
            "head",
            "chair",
            "leader",
            "center",
            "centre",
            "result",
        ),
        *("reason", "member", "members", "title", "term", "beginning", "end", "most", "majority", "meaning", "example"),
    }
)
PREDICATES = frozenset({"due", "payable", "responsible", "available", "allowed", "located", "built", "born", "known"})
# Offices: somebody holds them, so that they are no 'it'.
ROLES = frozenset({"ceo", "cfo", "coo", "cto", "chairman", "chairwoman", "chair", "president", "director", "secretary"})
VERBS = frozenset(
    {
        *(
            "cover",
            "pay",
            "include",
            "apply",
            "require",
            "provide",
            "need",
            "allow",
            "mean",
            "cost",
            "take",
            "own",
            "hold",
        ),
        *("use", "make", "sell", "buy", "begin", "start", "end", "run", "work", "live", "build", "compare", "change"),
        *("contain", "offer", "give", "keep", "earn", "spend", "owe", "expect", "report", "plan", "produce", "receive"),
        *("cause", "affect", "support", "limit", "charge", "permit", "exclude", "expire", "last", "happen", "occur"),
        *("differ", "grow", "fall", "rise", "increase", "decrease", "write", "say", "describe", "define", "explain"),
        *("play", "win", "lose", "lead", "help", "show", "find", "found", "become", "belong", "serve", "call", "add"),
        *("move", "leave", "enter", "join", "represent", "believe", "think", "want", "try", "decide", "argue", "claim"),
        *(
            "employ",
            "hire",
            "invest",
            "acquire",
            "publish",
            "design",
            "invent",
            "discover",
            "develop",
            "create",
            "form",
        ),
        *("terminate", "renew", "notify", "inform", "repair", "return", "reach", "measure", "weigh", "close", "open"),
    }
)
