"""What is asked in the help centre: question, answer, and the policy the answer comes from."""

from __future__ import annotations

from typing import NamedTuple


class Article(NamedTuple):
    """A question with its answer; `policy` is a position in `catalog.POLICIES`."""

    policy: int
    question: str
    answer: str


ARTICLES: dict[str, tuple[Article, ...]] = {
    "en": (
        Article(
            0,
            "Where does my refund go if I paid with two cards?",
            "Each part goes back to the card it came from; nothing has to be set up for that.",
        ),
        Article(
            0,
            "charged twice what to do",
            "A duplicate payment is refunded in full, without "
            "a return. Write to us with the order number.",
        ),
        Article(
            1,
            "How long do refunds take",
            "We release a refund within one business day; it appears after 5 to 7 business days.",
        ),
        Article(
            1,
            "refund not on my statement yet",
            "Banks take 5 to 7 business days after we "
            "have released it. After that, ask us to trace it.",
        ),
        Article(
            2,
            "Item broken on arrival, do I have to send it back?",
            "Not if it cost less than "
            "40.00. Otherwise yes; we need two photos first and send the label.",
        ),
        Article(2, "replacement or refund, who decides", "You do, for 30 days after delivery."),
        Article(
            3,
            "Is returning shoes free?",
            "An exchange for another size is free. For a return "
            "without exchange 4.90 is kept from the refund.",
        ),
        Article(3, "return window", "30 days from delivery, for unused goods."),
        Article(
            3,
            "can the courier pick up a return at work",
            "Yes, on weekdays between 9 and 17, at any address you give when you book it.",
        ),
        Article(
            4,
            "When is a parcel lost?",
            "Seven days after the promised day. From then on you "
            "choose between a replacement and a refund.",
        ),
        Article(
            4,
            "tracking has not moved for days",
            "Until seven days after the promised day we "
            "wait with you; afterwards we replace or refund without discussion.",
        ),
        Article(
            5,
            "How long do refunds to a closed bank account take",
            "The money comes back to "
            "us within 14 days; we then ask for new details by a secure form.",
        ),
        Article(
            6,
            "Who pays customs duty",
            "You pay the duty, we pay the handling fee. Customs "
            "may keep a parcel for up to 10 days.",
        ),
        Article(
            7,
            "cancel subscription after renewal",
            "It ends at once. A renewal of the last 14 days is refunded once a year.",
        ),
        Article(
            8,
            "Can I get an invoice with a VAT number later?",
            "Yes, for 90 days, in your account under Documents.",
        ),
        Article(8, "are gift cards used before my credit card", "Yes, always."),
        Article(9, "How long is the warranty on batteries?", "12 months; household goods have 24."),
        Article(
            9,
            "do you repair kettles",
            "Yes. Repair comes before replacement, and the box is prepaid.",
        ),
        Article(
            11,
            "Can I send my bank details by chat",
            "Please don’t. Use the secure form in "
            "your account; we never repeat such details in a conversation.",
        ),
    ),
    "es": (
        Article(
            1,
            "¿Cuánto tarda un reembolso?",
            "Lo emitimos en un día hábil y aparece entre 5 y 7 días hábiles después.",
        ),
        Article(
            3,
            "¿Es gratis devolver los zapatos?",
            "El cambio de talla es gratis; en una devolución se descuentan 4,90 €.",
        ),
        Article(
            4,
            "¿Cuándo se considera perdido un paquete?",
            "Siete días después de la fecha prometida.",
        ),
        Article(9, "¿Qué garantía tiene la cafetera?", "24 meses; las baterías, 12."),
    ),
    "fr": (
        Article(
            1,
            "Combien de temps prend un remboursement ?",
            "Il est émis sous un jour ouvré et apparaît 5 à 7 jours ouvrés plus tard.",
        ),
        Article(
            3,
            "Le retour est-il gratuit ?",
            "L’échange, oui. Pour un simple retour, 4,90 € sont retenus.",
        ),
        Article(
            6,
            "Qui paie les droits de douane ?",
            "Vous payez les droits, nous payons les frais de dossier.",
        ),
        Article(
            8,
            "facture avec numéro de TVA",
            "Elle peut être refaite pendant 90 jours, dans votre compte, rubrique Documents.",
        ),
    ),
    "de": (
        Article(
            1,
            "Wie lange dauert eine Erstattung?",
            "Wir geben sie binnen eines Werktags frei; nach 5 bis 7 Werktagen ist sie sichtbar.",
        ),
        Article(
            3,
            "Was kostet die Rücksendung?",
            "Der Umtausch ist kostenlos. Sonst werden 4,90 € einbehalten.",
        ),
        Article(9, "Garantie auf Akkus", "12 Monate; Haushaltswaren haben 24."),
        Article(
            7,
            "Abo nach Verlängerung kündigen",
            "Es endet sofort. Eine Verlängerung der letzten 14 Tage erstatten wir einmal im Jahr.",
        ),
    ),
    "ja": (
        Article(
            1, "返金までどのくらいかかりますか？", "1営業日以内に処理し、5〜7営業日で反映されます。"
        ),
        Article(
            3,
            "返品送料はかかりますか？",
            "サイズ交換は無料です。返品の場合は返金額から4.90ユーロを差し引きます。",
        ),
        Article(9, "電池の保証期間は？", "電池は12か月、家庭用品は24か月です。"),
    ),
}
