"""News that leaves the house: signed webhooks, and notices to persons, in the product and by mail.

This app knows no event of the others. An app declares its events when Django starts

    from notices.events import Event, Wish, declare        # in the app's AppConfig.ready

    declare(Event("prompt.label_moved", "A label of a prompt moved to another version",
                  data={"prompt": "name", "label": "name", "version": "number that it points at"},
                  default=Wish.PRODUCT, because="you own the prompt"))

and tells of one in the transaction in which it happens, so that the notice exists exactly when
the thing does (ADR 0013):

    from notices.services import tell

    tell(project, "prompt.label_moved", data={"prompt": …, "label": …, "version": …},
         title="production of refund-agent is version 15", link="/p/support/prompts/refund-agent/",
         persons=reviewers, actor=actor)

Each endpoint of the project that wants the event gets a delivery, each person who wants it a
notice. What is due stands in the database; a worker sends it. `title` and `link` leave by mail,
`data` by webhook: none of them may hold what prompts or traces say.
"""
