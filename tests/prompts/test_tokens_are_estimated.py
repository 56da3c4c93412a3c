"""The estimate of tokens is near what OpenAI's o200k_base counts, no more."""

from __future__ import annotations

import json
import time

import pytest

from prompts.content import Content
from prompts.tokens import PER_MESSAGE, estimate, estimated_tokens

TOOL = {
    "type": "function",
    "function": {
        "name": "create_refund",
        "description": "Pays an order back, in full or in part.",
        "parameters": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Number of the order"},
                "amount_cents": {"type": "integer", "minimum": 1},
                "reason": {"type": "string", "enum": ["late", "damaged", "other"]},
            },
            "required": ["order_id", "reason"],
        },
    },
}

# Text, tokens by o200k_base (tiktoken 0.14), and how far the estimate may be off.
COUNTED = {
    "English": (
        "You are the refunds specialist for Northwind support. Answer in the "
        "customer's language, in at most 140 words. If the order is outside the 30 "
        "day window, explain which policy section applies and offer store credit "
        "before closing the ticket. Quote the policy section for every claim about "
        "money or time. Never promise a date that is not in a policy document. Ask "
        "for the order number if it is missing, and do not guess it from the "
        "conversation.",
        91,
        0.1,
    ),
    "template": (
        "# Task\n\nSummarise {{document}} for {{audience}}.\n\n- At most {{count}} "
        "bullet points\n- No names of persons\n- Keep figures as they are: 12,400 "
        'units, 3.5 %, 2026-03-31\n\n## Output\n\n```json\n{"summary": '
        '["..."], "confidence": 0.0}\n```\n',
        78,
        0.1,
    ),
    "Python": (
        'def total(items, rate=0.19):\n    """The sum of all prices with '
        'tax."""\n    result = 0\n    for item in items:\n        if '
        "item.get('price') is None:\n            continue\n        result += "
        "item['price'] * item['count']\n    return round(result * (1 + rate), 2)\n",
        70,
        0.1,
    ),
    "JSON": (
        json.dumps(TOOL),
        115,
        0.1,
    ),
    "German": (
        "Sie sind die Fachkraft für Erstattungen bei Northwind. Antworten Sie in "
        "der Sprache der Kundin oder des Kunden, in höchstens 140 Wörtern. Liegt "
        "die Bestellung außerhalb der Frist von 30 Tagen, erklären Sie, welcher "
        "Abschnitt der Richtlinie gilt, und bieten Sie eine Gutschrift an, bevor "
        "Sie die Anfrage schließen.",
        72,
        0.1,
    ),
    "French": (
        "Vous êtes le spécialiste des remboursements de Northwind. Répondez dans "
        "la langue du client, en 140 mots au plus. Si la commande dépasse le délai "
        "de 30 jours, expliquez quelle section de la politique s'applique et "
        "proposez un avoir avant de clore la demande.",
        60,
        0.1,
    ),
    "Russian": (
        "Вы специалист по возвратам компании Northwind. Отвечайте на языке "
        "клиента, не более 140 слов. Если заказ сделан более 30 дней назад, "
        "объясните, какой раздел правил применяется, и предложите кредит магазина, "
        "прежде чем закрыть обращение.",
        54,
        0.35,
    ),
    "Chinese": (
        "你是北风公司的退款专员。请用客户的语言回答，不超过一百四十个"
        "字。如果订单超过三十天的期限，请说明适用的政策条款，并在结束"
        "工单之前提供商店积分。",
        50,
        0.1,
    ),
    "Japanese": (
        "あなたはノースウィンドの返金担当者です。お客様の言語で、14"
        "0語以内で答えてください。注文が30日の期限を過ぎている場合"
        "は、どの規定が適用されるかを説明し、チケットを閉じる前にスト"
        "アクレジットを提案してください。",
        75,
        0.1,
    ),
    "Arabic": (
        "أنت أخصائي استرداد الأموال في نورث ويند. أجب بلغة العميل في ما لا يزيد عن "
        "140 كلمة. إذا تجاوز الطلب مهلة 30 يومًا فاشرح أي قسم من السياسة ينطبق "
        "واعرض رصيدًا للمتجر قبل إغلاق التذكرة.",
        62,
        0.1,
    ),
    "Hindi": (
        "आप नॉर्थविंड के रिफंड विशेषज्ञ हैं। ग्राहक की भाषा में अधिकतम 140 शब्दों "
        "में उत्तर दें। यदि ऑर्डर 30 दिन की अवधि से बाहर है तो बताएं कि नीति का "
        "कौन सा भाग लागू होता है।",
        53,
        0.1,
    ),
}


@pytest.mark.parametrize("language", COUNTED)
def test_the_estimate_is_near_the_count(language):
    text, counted, error = COUNTED[language]
    assert estimate(text) == pytest.approx(counted, rel=error)


def test_what_goes_to_the_model_counts():
    text = "Be kind to {{name}}."
    plain = Content("text", text, model="m", config={"note": "the application reads this itself"})
    chat = Content(
        "chat", [{"role": "system", "content": text}, {"type": "placeholder", "name": "h"}]
    )
    assert estimated_tokens(plain) == estimate(text)
    assert estimated_tokens(chat) == estimate(text) + PER_MESSAGE
    with_tool = Content("text", text, tools=[TOOL], response_schema={"type": "object"})
    beside = estimate(json.dumps(TOOL)) + estimate('{"type": "object"}')
    assert estimated_tokens(with_tool) == estimate(text) + beside
    assert (estimate(""), estimate(" ")) == (0, 1)


def test_a_megabyte_takes_no_time():
    started = time.process_time()
    for text in ("Hello, 世界 123.\n" * 70_000, " \t" * 500_000, "{{" * 500_000):
        estimate(text)
    assert time.process_time() - started < 3
