"""The concerns of `issues` in Spanish, French, German and Japanese: how asked, how answered."""

from __future__ import annotations

TONGUES: dict[str, dict[str, tuple[str, str]]] = {
    "es": {
        "duplicate_charge": (
            "Hola, me cobraron dos veces el pedido {order}, necesito el reembolso de {amount}",
            "Lamento el doble cargo. He reembolsado {amount} del pedido **{order}**; su referencia "
            "es **{ref}**. El dinero llegará en 5 a 7 días hábiles.",
        ),
        "damaged_item": (
            "El paquete {order} llegó roto. ¿Me devuelven el dinero o mandan otro?",
            "Siento mucho que llegara dañado. Puedo reembolsarle {amount} o enviarle uno nuevo "
            "mañana sin coste. El caso es **{ref}**; conserve la caja, por favor.",
        ),
        "late_parcel": (
            "Mi pedido {order} lleva {days} días de retraso, ¿dónde está?",
            "He hablado con la empresa de transporte: su pedido **{order}** salió hoy y llegará en "
            "{days} días. Referencia: **{ref}**.",
        ),
        "wrong_size": (
            "La talla no es la correcta, quiero cambiar el pedido {order}",
            "Sin problema. La etiqueta de devolución del pedido **{order}** está en su correo "
            "(**{ref}**). El cambio es gratuito durante 30 días.",
        ),
        "cancel_subscription": (
            "Cancelé la suscripción y me volvieron a cobrar {amount}",
            "La suscripción queda cancelada desde hoy. También le he devuelto {amount} "
            "(**{ref}**).",
        ),
        "missing_refund": (
            "Devolví el artículo hace {days} días y todavía no veo los {amount}",
            "El reembolso **{ref}** de {amount} ya está en camino; su banco puede tardar hasta 7 "
            "días hábiles en mostrarlo.",
        ),
        "warranty": (
            "La cafetera dejó de funcionar, ¿la cubre la garantía?",
            "Sí, tiene dos años de garantía. He abierto el caso **{ref}** y recibirá una caja "
            "prepagada en {days} días.",
        ),
        "invoice": (
            "Necesito la factura del pedido {order} con el NIF de la empresa",
            "Claro. La factura corregida del pedido **{order}** está en su correo (**{ref}**).",
        ),
    },
    "fr": {
        "duplicate_charge": (
            "Bonjour, la commande {order} a été débitée deux fois ({amount}). Pouvez-vous "
            "vérifier ?",
            "Je suis désolé pour ce double débit. J’ai remboursé {amount} pour la commande "
            "**{order}** (référence **{ref}**). Comptez 5 à 7 jours ouvrés.",
        ),
        "damaged_item": (
            "Le colis {order} est arrivé abîmé, l’appareil ne s’allume pas",
            "Toutes mes excuses. Je peux vous rembourser {amount} ou vous envoyer un appareil neuf "
            "demain, sans frais. Votre dossier : **{ref}**.",
        ),
        "late_parcel": (
            "Ma commande {order} devait arriver il y a {days} jours, où est-elle ?",
            "Le transporteur confirme le départ de la commande **{order}** ce matin ; livraison "
            "sous {days} jours. Référence : **{ref}**.",
        ),
        "wrong_size": (
            "Ce n’est pas la bonne taille. Comment renvoyer la commande {order} ?",
            "L’étiquette de retour de la commande **{order}** est dans votre messagerie "
            "(**{ref}**). L’échange est gratuit pendant 30 jours.",
        ),
        "cancel_subscription": (
            "Bonjour, je voudrais annuler l’abonnement, il s’est renouvelé sans mon accord",
            "C’est fait : l’abonnement est annulé et {amount} vous sont rendus (**{ref}**).",
        ),
        "missing_refund": (
            "J’ai renvoyé l’article il y a {days} jours et je ne vois toujours pas les {amount}",
            "Le remboursement **{ref}** de {amount} est parti ; votre banque peut mettre jusqu’à "
            "7 jours ouvrés à l’afficher.",
        ),
        "warranty": (
            "Ma bouilloire fuit après quelques mois. La garantie joue-t-elle ?",
            "Oui, elle est couverte deux ans. J’ai ouvert le dossier **{ref}** ; un carton prépayé "
            "arrive sous {days} jours.",
        ),
        "invoice": (
            "Il me faut une facture au nom de la société pour la commande {order}",
            "La facture corrigée de la commande **{order}** est dans votre messagerie (**{ref}**).",
        ),
    },
    "de": {
        "duplicate_charge": (
            "Hallo, Bestellung {order} wurde doppelt abgebucht, je {amount}. Bitte eine zurück",
            "Das tut mir leid. Ich habe {amount} für die doppelte Zahlung der Bestellung "
            "**{order}** erstattet, Vorgang **{ref}**. Das Geld ist in 5 bis 7 Werktagen da.",
        ),
        "damaged_item": (
            "Das Paket zu {order} kam beschädigt an, das Gerät geht nicht an",
            "Das hätte nicht passieren dürfen. Ich kann {amount} erstatten oder morgen kostenlos "
            "Ersatz schicken. Ihr Vorgang: **{ref}**. Bitte den Karton noch aufheben.",
        ),
        "late_parcel": (
            "Ich habe die falsche Adresse angegeben, ist das Paket {order} schon weg?",
            "Die Bestellung **{order}** ist heute früh aus dem Verteilzentrum gegangen und kommt "
            "in {days} Tagen. Ich habe die Adresse ergänzt, Vorgang **{ref}**.",
        ),
        "wrong_size": (
            "Leider die falsche Größe. Wie schicke ich Bestellung {order} zurück?",
            "Das Rücksendeetikett zu **{order}** ist in Ihrem Postfach (**{ref}**). Der Umtausch "
            "ist 30 Tage lang kostenlos.",
        ),
        "cancel_subscription": (
            "Das Abo wurde verlängert, obwohl ich im Oktober gekündigt habe",
            "Das Abo ist ab heute gekündigt; {amount} haben wir erstattet (**{ref}**).",
        ),
        "missing_refund": (
            "Vor {days} Tagen zurückgeschickt, und noch immer keine {amount} auf dem Konto",
            "Die Erstattung **{ref}** über {amount} ist unterwegs; Banken brauchen bis zu 7 "
            "Werktage, bis sie sichtbar ist.",
        ),
        "warranty": (
            "Die Maschine tropft nach einem halben Jahr. Ist das ein Garantiefall?",
            "Ja, die Garantie gilt zwei Jahre. Ich habe den Fall **{ref}** angelegt; ein "
            "frankierter Karton kommt in {days} Tagen.",
        ),
        "invoice": (
            "Ich brauche für {order} eine Rechnung mit Umsatzsteuer-ID",
            "Die korrigierte Rechnung zu **{order}** liegt in Ihrem Postfach (**{ref}**).",
        ),
    },
    "ja": {
        "duplicate_charge": (
            "注文{order}が二重に請求されています（各{amount}）。返金をお願いします。",
            "二重請求の件、誠に申し訳ございません。注文**{order}**の重複分{amount}を返金いたしました。"
            "受付番号は**{ref}**、反映まで5〜7営業日かかります。",
        ),
        "damaged_item": (
            "届いた商品が割れていました。注文番号は{order}です。交換できますか？",
            "ご不便をおかけし申し訳ございません。{amount}の返金、または明日の無償交換をお選びいただけます。"
            "受付番号：**{ref}**",
        ),
        "late_parcel": (
            "注文{order}が{days}日たっても届きません。今どこにありますか？",
            "配送業者に確認いたしました。注文**{order}**は本日発送済みで、{days}日以内に到着予定です。"
            "受付番号：**{ref}**",
        ),
        "wrong_size": (
            "サイズが合いません。注文{order}の返品方法を教えてください。",
            "注文**{order}**の返品ラベルをメールでお送りしました（**{ref}**）。30日以内の交換は無料です。",
        ),
        "cancel_subscription": (
            "定期便を解約したのに、また{amount}請求されました。",
            "本日付で定期便を解約し、{amount}を返金いたしました（**{ref}**）。",
        ),
        "missing_refund": (
            "{days}日前に返品しましたが、{amount}がまだ返金されていません。",
            "返金**{ref}**（{amount}）は処理済みです。反映まで最大7営業日かかる場合がございます。",
        ),
        "warranty": (
            "半年で動かなくなりました。保証の対象でしょうか？",
            "はい、2年保証の対象です。**{ref}**で受け付けました。{days}日以内に返送用の箱が届きます。",
        ),
        "invoice": (
            "注文{order}の領収書を会社名でお願いします。",
            "注文**{order}**の領収書をメールでお送りしました（**{ref}**）。",
        ),
    },
}
