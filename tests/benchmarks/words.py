"""What the shops of the benchmarks sell and who buys there: words to put together, all of it invented."""

from __future__ import annotations

from typing import Final

DEPARTMENTS: Final[dict[str, str]] = {
    "bakery": "Rye bread,Sourdough loaf,Baguette,Croissant,Cinnamon bun,Apple turnover,Brioche à tête,Flatbread",
    "bath": "Bath towel,Soap dish,Shower curtain,Bath mat,Toothbrush mug,Sponge,Nail brush,Mirror",
    "books": "Cookbook,Road atlas,Notebook,Diary,Sketch pad,Phrase book,Crossword book,Travel guide",
    "cheese": "Gouda,Gruyère,Cheddar,Comté,Feta,Manchego,Havarti,Goat cheese",
    "cleaning": "Floor cleaner,Glass cleaner,Washing powder,Dish brush,Mop head,Bucket,Dustpan,Bin bags",
    "coffee": "Café crème,Espresso beans,Filter coffee,Decaf,Coffee pods,Mocha,Cold brew,Chicory blend",
    "dairy": "Whole milk,Skimmed milk,Butter,Yoghurt,Crème fraîche,Kefir,Cottage cheese,Cream",
    "drinks": "Apple juice,Orange juice,Still water,Sparkling water,Ginger beer,Lemonade,Tonic water,Iced tea",
    "electric": "Light bulb,Extension lead,Plug,Batteries AA,Batteries AAA,Torch,Fuse,Cable ties",
    "flowers": "Tulips,Roses,Orchid,Lavender,Sunflower,Peony,Fern,Ficus",
    "fruit": "Apples,Pears,Plums,Grapes,Melon,Açaí,Limes,Peaches",
    "garden": "Flower pot,Trowel,Watering can,Seed tray,Twine,Rake,Compost,Plant labels",
    "kitchen": "Saucepan,Frying pan,Whisk,Ladle,Chopping board,Grater,Purée sieve,Fondue set",
    "meat": "Ham,Salami,Pâté,Beef mince,Chicken breast,Jamón,Sausages,Bacon",
    "office": "Ballpoint,Stapler,Ring binder,Envelopes,Sticky notes,Ruler,Glue stick,Paper clips",
    "pasta": "Spaghetti,Penne,Tagliatelle,Gnocchi,Lasagne,Orzo,Couscous,Bulgur",
    "pets": "Cat food,Dog food,Bird seed,Cat litter,Dog lead,Chew toy,Fish flakes,Hay",
    "snacks": "Salted crisps,Peanuts,Trail mix,Pretzels,Rice cakes,Popcorn,Jalapeño chips,Cashews",
    "spices": "Paprika,Cumin,Oregano,Cinnamon,Curry powder,Sea salt,Peppercorns,Piment d’Espelette",
    "sweets": "Fruit gums,Mint drops,Nougat,Marzipan,Dragées,Liquorice,Toffee,Hazelnut bar",
    "tea": "Black tea,Green tea,Peppermint tea,Rooibos,Maté,Earl Grey,Chamomile,Jasmine tea",
    "tools": "Hammer,Screwdriver,Pliers,Spanner,Tape measure,Hand saw,Spirit level,Wood screws",
    "toys": "Jigsaw,Building bricks,Kite,Card game,Piñata,Yo-yo,Skipping rope,Teddy bear",
    "vegetables": "Carrots,Onions,Potatoes,Leeks,Spinach,Jalapeños,Beetroot,Courgettes",
}
"""Department, which is the category, -> its goods."""

MAKERS: Final = (
    "Alder",
    "Bélanger",
    "Corvin",
    "Dunmore",
    "Ekström",
    "Fennel & Co",
    "Garonne",
    "Hollis",
    "Iroise",
    "Jansen",
    "Kestrel",
    "Løvland",
    "Marlow",
    "Núñez",
    "Oakfield",
    "Piet’s",
    "Quarry",
    "Rösler",
    "Sable",
    "Tern",
)
KINDS: Final = (
    "classic",
    "organic",
    "large",
    "small",
    "white",
    "blue",
    "red",
    "mild",
    "strong",
    "light",
    "dark",
    "“Extra”",
    "plain",
    "smoked",
    "fresh",
    "soft",
    "gift box",
    "value, loose",
    "family",
    "seasonal",
)
SIZES: Final = (
    "1 pc",
    "2 pcs",
    "4 pcs",
    "6 pcs",
    "100 g",
    "250 g",
    "500 g",
    "1 kg",
    "0.5 l",
    "1 l",
    '12"',
    "30 cm",
)
"""One of the kinds holds a comma and one of the sizes a quote, as names in real lists do."""

ALSO_IN: Final = {"organic": "organic", "seasonal": "offers", "gift box": "gifts", "value, loose": "offers"}
"""Kind -> a second category."""

FIRST_NAMES: Final = (
    "Amal Anna Ayşe Beatriz Björn Carla Chiara Daan Dilnoza Elif Émile Fatima Felix Greta Hana Hugo Ines "
    "Ivan Jana João Jonas Kaito Karim Lena Liam Lucía Maja Marek Mei Mila Nadia Nils Noor Olga Omar Paula "
    "Pavel Quentin Rania René Rosa Samir Sara Søren Tara Tomás Uma Vera Viktor Wanda Yara Yusuf Zoë"
)
LAST_NAMES: Final = (
    "Abbas Adler Almeida Andersen Araújo Bakker Bauer Becker Bianchi Brandt Castro Chen Costa Dahl Demir "
    "Dubois Eriksen Evans Fischer Fontaine Garcia Gómez Gruber Haddad Hansen Horvat Ivanova Jansson "
    "Jensen Kaya Keller Kim Kowalski Kurz Lambert Lang Larsen Lehmann Lindqvist Lopes Maier Marino Martín "
    "Meyer Moreau Müller Nakamura Nguyen Novák Olsen Ortiz Park Peeters Pereira Petit Popović Quiroga "
    "Rahman Ricci Romano Rossi Ruiz Sato Schmidt Silva Singh Sørensen Suzuki Tanaka Toft Türk Urbán "
    "Vargas Vermeer Virtanen Vogel Wagner Weber Winter Wójcik Xu Yamada Yıldız Zanetti Zhang Ziegler"
)
CLERKS: Final = ("amal", "jonas", "mei")
