"""Made-up templates and readers that try what could tell a fast way from a slow one."""

from hypothesis import strategies as st

from mailer.campaigns.rendering import Reader

LITERALS = st.sampled_from(
    [
        *(
            "Tides",
            ".",
            "\n",
            "\n\n",
            "\n\n\n",
            " ",
            "  ",
            "\t",
            "\r\n",
            ".\n.",
            "é",
            "潮",
            "=",
            "a" * 80,
        ),
        *(
            "<p>",
            "</p>",
            "<style>.f{color:",
            "}</style>",
            "<!-- ",
            " -->",
            '<a href="',
            '">',
            "&amp;",
        ),
        *("trailing \n", "\n.leading", "x" * 75, "=3D", "\u2028", "\x0c"),
    ]
)
FIELDS = ("name", "first_name", "last_name", "email", "attributes.plan", "attributes.odd")
OUTPUTS = st.sampled_from(
    [
        *(f"{{{{ subscriber.{field} }}}}" for field in FIELDS),
        *(f"{{{{ subscriber.{field} | default: 'friend' }}}}" for field in FIELDS),
        *(f"{{{{ subscriber.{field} | upcase }}}}" for field in FIELDS),
        *("{{ legal_footer }}", "{{ unsubscribe_url }}", "{{ ad_label }}", "{{ postal_address }}"),
        *("{{ legal_footer | upcase }}", "{{ '{{' }}", "{{ '\n\n' }}", "{{- ' ' -}}"),
        "{{ unsubscribe_url | truncate: 30 }}",
    ]
)
INNER = st.lists(st.one_of(LITERALS, OUTPUTS), max_size=5).map("".join)
BLOCKS = st.one_of(
    INNER.map(lambda inner: f"{{% if subscriber.attributes.plan == 'gold' %}}{inner}{{% endif %}}"),
    INNER.map(lambda inner: f"{{%- unless subscriber.name == '' -%}}{inner}{{%- endunless -%}}"),
    INNER.map(lambda inner: f"{{% for i in subscriber.attributes.some %}}{inner}{{% endfor %}}"),
    INNER.map(lambda inner: f"{{% assign a = subscriber.name %}}{{{{ a }}}}{inner}"),
    INNER.map(
        lambda inner: (
            f"{{% case subscriber.attributes.plan %}}{{% when 'tin' %}}{inner}{{% endcase %}}"
        )
    ),
)
TEMPLATES = st.lists(st.one_of(LITERALS, OUTPUTS, BLOCKS), max_size=9).map("".join)

TEXTS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "Rosa",
                "Rosa Luz",
                " ",
                "  Rosa  ",
                ".",
                ".\n.",
                "a\r\nb",
                "\n\n\n",
                "\r",
                "<b>",
            ),
            *(
                'O\'Brien & "Söhne"',
                "x" * 76,
                "é" * 40,
                "a  b\t",
                "=",
                "None",
                "\u202e",
                "x" * 1001,
            ),
            "https://shop.example/p?id=1&of=2",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=90),
)
READERS = st.builds(
    Reader,
    email=st.sampled_from(["rosa@example.org", "o'b+x=1@example.org", ".a@b.example"]),
    name=TEXTS,
    attributes=st.fixed_dictionaries(
        {},
        optional={
            "plan": st.sampled_from(["gold", "tin"]),
            "odd": st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.lists(TEXTS)),
            "some": st.lists(st.integers(), max_size=3),
        },
    ),
)
