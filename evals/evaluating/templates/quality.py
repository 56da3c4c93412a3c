"""Templates about how good an answer is: relevance, coherence, tone."""

from __future__ import annotations

from evals.evaluating.templates.model import Example, Template

_REFUND = "How long does a refund take?"
RELEVANCE = Template(
    "relevance",
    "Relevance",
    "Does the answer address what was asked?",
    "Decide how well the ANSWER addresses the request in the INPUT. Look only at whether it is "
    "about what was asked and covers it; whether it is true is another question. A clear statement "
    "that the answer is not known, or a needed question back, addresses the request. Extra "
    "material that nobody asked for counts against it only where it takes the place of an answer.",
    {
        "relevant": "addresses the whole request",
        "partly": "addresses a part of it, or beside much that was not asked",
        "irrelevant": "does not address it",
    },
    (1.0, 0.5, 0.0),
    1.0,
    (
        Example(_REFUND, "Refunds reach your account within 14 days.", "relevant"),
        Example(_REFUND, "I do not know; our support team can look it up for you.", "relevant"),
        Example(_REFUND, "Which order is it about? It depends on how you paid.", "relevant"),
        Example(
            "Can I return shoes, and who pays the postage?",
            "Yes, shoes can be returned within 30 days.",
            "partly",
        ),
        Example("Compare plan A and plan B.", "Plan A costs 10 euros and has 5 seats.", "partly"),
        Example(
            _REFUND,
            "We were founded in 1987 and care for our customers. Refunds are possible. See our "
            "winter sale, our new shops and our loyalty card with many benefits.",
            "partly",
        ),
        Example(_REFUND, "Our shops are open from nine to six.", "irrelevant"),
        Example("Translate 'good morning' into Polish.", "Poland is in Europe.", "irrelevant"),
        Example("What does error E42 mean?", "Thank you for contacting us!", "irrelevant"),
        Example("What does error E42 mean?", "E42 means that the filter is blocked.", "relevant"),
    ),
)
COHERENCE = Template(
    "coherence",
    "Coherence",
    "Does the answer hang together?",
    "Decide whether the ANSWER hangs together: its sentences follow from each other, it does not "
    "contradict itself, it is not cut off, and its parts are in an order that a reader can follow. "
    "Whether it is true or answers the request is another question. Short answers can be coherent.",
    {
        "coherent": "easy to follow, without contradiction",
        "uneven": "can be followed with effort: a jump, a repetition or a loose end",
        "incoherent": "contradicts itself, breaks off, or cannot be followed",
    },
    (1.0, 0.5, 0.0),
    0.5,
    (
        Example("How do I reset it?", "Hold the button for ten seconds. Then let go.", "coherent"),
        Example("Is it open on Sunday?", "No.", "coherent"),
        Example(
            "Why is it slow?",
            "There are two causes. First, the disk is full. Second, the cache is off. Free some "
            "space, then turn the cache on.",
            "coherent",
        ),
        Example(
            "How do I reset it?",
            "Hold the button. It has a button. To reset it, the button is to be held. Hold it.",
            "uneven",
        ),
        Example(
            "Why is it slow?",
            "There are three causes. The disk is full, and the cache is off.",
            "uneven",
        ),
        Example(
            "What does it cost?",
            "It ships on Monday. The price is 20 euros. Monday is a holiday, though.",
            "uneven",
        ),
        Example(
            "Can I return it?",
            "You can return it within 30 days. Returns are never possible.",
            "incoherent",
        ),
        Example("How do I reset it?", "First you hold the button until the", "incoherent"),
        Example("What is a VPN?", "VPN the tunnel is because network, so and therefore blue.",
                "incoherent"),
        Example("What is a VPN?", "A VPN is an encrypted tunnel to another network.", "coherent"),
    ),
)  # fmt: skip
TONE = Template(
    "tone",
    "Tone",
    "Is the answer polite and fitting for a customer?",
    "Decide whether the tone of the ANSWER fits a professional service to customers: polite, "
    "respectful, calm, taking the reader seriously. Bad news can be told in a good tone. Humour "
    "and casual words are fine where the INPUT is casual. Whether it helps is another question.",
    {
        "fitting": "polite and respectful",
        "off": "cold, pushy, flippant or flattering, without being rude",
        "rude": "insulting, mocking, blaming or threatening",
    },
    (1.0, 0.5, 0.0),
    1.0,
    (
        Example("My parcel is late.", "I am sorry for the delay. It arrives tomorrow.", "fitting"),
        Example("I want a refund.", "I understand. We cannot refund opened software, but I can "
                "offer an exchange.", "fitting"),
        Example("hey, u there?", "Hey! Yes, how can I help?", "fitting"),
        Example("My parcel is late.", "Parcels can be late.", "off"),
        Example("I want to cancel.", "Are you sure? Really sure? Most people regret it. Stay!",
                "off"),
        Example("My grandfather died; how do I close his account?", "No problem!! Easy peasy 🎉",
                "off"),
        Example("I do not get it.", "It is written in plain words. Read it again.", "rude"),
        Example("The app crashes.", "It works for everybody else, so the problem is you.", "rude"),
        Example("I will complain.", "Do that and see what happens to your account.", "rude"),
        Example("I do not get it.", "Gladly again, step by step: first open the menu.", "fitting"),
    ),
)  # fmt: skip
