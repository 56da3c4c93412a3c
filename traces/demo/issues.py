"""What customers write about: each concern with its words, its tool and the answer it gets."""

from __future__ import annotations

from dataclasses import dataclass

from traces.demo.tongues import TONGUES


@dataclass(frozen=True, slots=True)
class Issue:
    """A concern. `asks` and `answers` are templates of {order}, {amount}, {item}, {days}, {ref}."""

    name: str
    tool: str  # what the agent runs to settle it
    policies: tuple[int, ...]  # positions in `catalog.POLICIES`, best first
    asks: tuple[str, ...]
    answer: str
    label: str  # what triage calls it
    queue: str

    def ask(self, language: str, number: int) -> str:
        """A way to put it in this language, a template; `number` chooses among several."""
        if language == "en":
            return self.asks[number % len(self.asks)]
        return TONGUES[language][self.name][0]

    def reply(self, language: str) -> str:
        """The answer in this language, a template."""
        return self.answer if language == "en" else TONGUES[language][self.name][1]


ISSUES = (
    Issue(
        "duplicate_charge",
        "refunds.create",
        (0, 1, 5, 8),
        (
            "Hi, order {order} was charged twice, {amount} each. I need one of them back before "
            "Friday because rent is due. Can you do it today?",
            "My card shows two payments of {amount} for order {order}. Only one is mine",
            "You took {amount} from me twice for the {item}. Please return one of them",
            "Why are there two pending charges for {order}? The bank says both went through",
        ),
        "I’m sorry about the double charge. I have refunded {amount} for the duplicate payment on "
        "order **{order}**; your reference is **{ref}**. The money reaches your account in 5 to 7 "
        "business days. There is nothing to return, and your original order ships as planned.",
        "billing.duplicate",
        "billing",
    ),
    Issue(
        "damaged_item",
        "refunds.create",
        (2, 0, 3, 9),
        (
            "The {item} arrived with a cracked side, can I get the money back",
            "Order {order}: the {item} was broken when I opened the box. I have photos if needed",
            "My {item} is scratched all over. I paid {amount} for a new one, not for this",
            "Box was crushed, the {item} inside does not switch on. What now?",
        ),
        "That is not how your {item} should arrive, and I’m sorry. You have two choices:\n\n"
        "1. a **full refund** of {amount}, in 5 to 7 business days\n"
        "2. a **replacement**, sent tomorrow without charge\n\n"
        "I have opened the case **{ref}**; please keep the box until we have seen your photos.",
        "returns.damaged",
        "returns",
    ),
    Issue(
        "late_parcel",
        "parcels.track",
        (4, 6, 0),
        (
            "My parcel says delivered but the concierge has nothing for me",
            "Order {order} was due {days} days ago and tracking has not moved since. Where is it?",
            "URGENT!! order {order} stuck in customs since Monday, who do I call",
            "I need the {item} by Saturday, it is a present. Will it make it?",
        ),
        "I checked with the courier: the parcel of order **{order}** left the hub this morning and "
        "is expected within {days} days. If it is not there by then, write to me with the "
        "reference **{ref}** and I will send a new one or refund {amount}, whichever you prefer.",
        "delivery.late",
        "logistics",
    ),
    Issue(
        "wrong_size",
        "returns.create_label",
        (3, 2, 7),
        (
            "Wrong size again. Can the courier pick it up on Thursday",
            "The {item} is smaller than it looks on the page. How do I send it back?",
            "Please send the return label for {order} to my email instead",
            "I’d like to swap the {item} for the larger one, is there a fee?",
        ),
        "Of course. The return label for order **{order}** is on its way to your inbox (reference "
        "**{ref}**). The courier can pick it up on a weekday between 9 and 17. Once it is scanned "
        "at the depot we release the exchange; swapping sizes is free within 30 days.",
        "returns.exchange",
        "returns",
    ),
    Issue(
        "cancel_subscription",
        "subscriptions.cancel",
        (7, 1, 10),
        (
            "The subscription renewed although I cancelled in October",
            "Stop my filter subscription please, I sold the machine",
            "How do I cancel? The button in my account does nothing",
            "I was billed {amount} for a renewal I never agreed to",
        ),
        "Your subscription is cancelled as of today and will not renew. Because the last renewal "
        "was {days} days ago, I have also returned {amount} as a goodwill refund (**{ref}**). You "
        "keep access until the end of the paid month.",
        "subscription.cancel",
        "billing",
    ),
    Issue(
        "missing_refund",
        "refunds.status",
        (0, 5, 1),
        (
            "I returned the {item} {days} days ago and still see nothing on my card",
            "You refunded 40.00 but the item was {amount}, where is the rest",
            "How long do refunds to a closed bank account take",
            "Refund {ref} is marked paid, my bank cannot find it. Write me at dana.k@example.com",
        ),
        "I can see the refund **{ref}** of {amount} for order {order}. It was released {days} days "
        "ago; banks take 5 to 7 business days to show it. If your statement is still without it "
        "after that, send me a screenshot and I will start a trace with the payment provider.",
        "billing.refund_status",
        "billing",
    ),
    Issue(
        "warranty",
        "warranty.check",
        (9, 2, 11),
        (
            "The {item} stopped working after {days} months. Is that covered?",
            "Warranty claim on the {item} from order {order}, the seal is leaking",
            "Who repairs the {item}? I would rather not throw it away",
        ),
        "Good news: the {item} of order **{order}** is covered for two years. I have opened the "
        "warranty case **{ref}**. You will receive a prepaid box within {days} days; a repair "
        "takes about two weeks, and if it cannot be repaired we replace it.",
        "warranty.claim",
        "repairs",
    ),
    Issue(
        "invoice",
        "invoices.send",
        (10, 8, 1),
        (
            "Invoice with VAT number for order {order}, please",
            "Gift card balance was not used at checkout of {order}, please correct it",
            "Our accountant needs the {order} invoice in the company’s name",
        ),
        "Here you are: the corrected invoice of order **{order}** over {amount} is in your inbox "
        "and in your account under *Documents* (reference **{ref}**).",
        "billing.invoice",
        "billing",
    ),
)

# Later turns of a conversation, and how they are answered.
FOLLOW_UPS = {
    "en": (
        (
            "And how long will that take?",
            "Five to seven business days from today, so by the end of next week at the latest.",
        ),
        (
            "Can I get store credit instead? I want to order something else",
            "Yes. I have turned it into store credit; it is in your account right away "
            "and does not expire.",
        ),
        (
            "I gave you the wrong address, can you still change it?",
            "Changed. The new address is on the order, and the courier has been told.",
        ),
        (
            "ok thanks, that’s all",
            "You’re welcome. If anything else comes up, just answer in this conversation.",
        ),
        (
            "Does the courier ring, or just leave it at the door?",
            "The courier rings. If nobody is there, the parcel waits at the nearest shop for seven "
            "days.",
        ),
        (
            "The link you sent does not open",
            "I have sent it again; it works for 24 hours. It also stands in your account under "
            "*Documents*.",
        ),
        (
            "What if the new one is broken too",
            "Then you need not send anything back: write here and I will refund it in full.",
        ),
        (
            "Could you please confirm that by e-mail?",
            "Done. The confirmation is in your inbox, with everything we agreed on here.",
        ),
        (
            "Same problem with my other order, {order} was from last week",
            "I have added it to the same case, so you need not explain it twice.",
        ),
        (
            "Are you a person? I would like to speak to one",
            "I’m Northwind’s assistant. I have passed our conversation on to a colleague, who will "
            "write to you within two hours.",
        ),
    ),
    "es": (
        ("¿Cuánto tarda?", "Entre 5 y 7 días hábiles desde hoy."),
        (
            "¿Puede ser un vale en lugar del dinero?",
            "Sí, el vale ya está en su cuenta y no caduca.",
        ),
        ("El enlace no se abre", "Se lo he enviado de nuevo; vale durante 24 horas."),
        ("Gracias, eso es todo", "De nada. Si necesita algo más, responda aquí mismo."),
    ),
    "fr": (
        ("Et combien de temps cela prend-il ?", "Cinq à sept jours ouvrés à partir d’aujourd’hui."),
        ("Le lien ne s’ouvre pas", "Je vous l’ai renvoyé ; il est valable 24 heures."),
        ("Je préfère un bon d’achat", "C’est fait, il est dans votre compte et n’expire pas."),
        ("Merci, c’est tout", "Avec plaisir. Répondez ici si vous avez une autre question."),
    ),
    "de": (
        ("Wie lange dauert das denn?", "Fünf bis sieben Werktage ab heute."),
        ("Geht auch ein Gutschein?", "Ja. Er steht schon in Ihrem Konto und verfällt nicht."),
        ("Der Link öffnet sich nicht", "Ich habe ihn neu geschickt; er gilt 24 Stunden."),
        ("Danke, das war’s", "Gern geschehen. Antworten Sie einfach hier, wenn noch etwas ist."),
    ),
    "ja": (
        ("どのくらいかかりますか？", "本日から5〜7営業日ほどでございます。"),
        ("リンクが開けません", "再送いたしました。24時間有効です。"),
        ("ありがとうございます、以上です", "とんでもございません。またいつでもご連絡ください。"),
    ),
}
