"""What the made-up shop sells and who buys there: all of it invented."""

from __future__ import annotations

from typing import Final

GOODS: Final[dict[str, tuple[str, str]]] = {
    "drinks": (
        "DR",
        (
            "Apple juice 1 l 2.40, Orange juice 1 l 2.60, Still water 1.5 l 0.80, Sparkling water 1.5 l 0.90,"
            " Ginger beer 1.90, Lemonade 1.70, Iced tea peach 1.60, Cola 0.5 l 1.50, Tonic water 1.30,"
            " Ground coffee 500 g 7.90, Coffee beans 1 kg 15.50, Black tea 50 bags 3.20, Green tea 40 bags 3.60,"
            " Peppermint tea 2.90, Cocoa powder 3.80, Oat drink 1 l 2.10, Elderflower cordial 4.50"
        ),
    ),
    "snacks": (
        "SN",
        (
            "Salted crisps 1.40, Paprika crisps 1.40, Tortilla chips 2.20, Peanuts roasted 1.90,"
            " Cashews 150 g 3.90, Trail mix 2.80, Pretzel sticks 1.10, Rice cakes 1.60, Oat biscuits 2.30,"
            " Butter biscuits 2.50, Dark chocolate 2.20, Milk chocolate 1.80, Hazelnut bar 1.20, Fruit gums 1.50,"
            " Liquorice 1.70, Mint drops 0.95, Popcorn salted 1.30"
        ),
    ),
    "bakery": (
        "BA",
        (
            "Wheat rolls 4 pcs 1.80, Rye bread 3.40, Sourdough loaf 4.20, Baguette 1.60, Seed bread 3.90,"
            " Croissant 1.30, Cinnamon bun 1.90, Apple turnover 2.10, Cheese scone 1.70, Blueberry muffin 2.20,"
            " Carrot cake slice 3.10, Flatbread 2.40, Breadsticks 2.00, Rusks 1.90, Gingerbread 3.50,"
            " Lemon tart 3.80, Almond cookies 3.30"
        ),
    ),
    "dairy": (
        "DA",
        (
            "Whole milk 1 l 1.35, Skimmed milk 1 l 1.25, Butter 250 g 2.60, Plain yoghurt 1.10,"
            " Strawberry yoghurt 1.30, Greek yoghurt 2.40, Cream 200 ml 1.20, Sour cream 1.05, Cottage cheese 1.70,"
            " Cheddar 200 g 3.20, Gouda 200 g 3.00, Goat cheese 3.60, Mozzarella 1.90, Feta 2.70, Kefir 1.60,"
            " Eggs 6 pcs 2.50, Eggs 10 pcs 3.90"
        ),
    ),
    "produce": (
        "PR",
        (
            "Apples 1 kg 2.90, Bananas 1 kg 1.90, Pears 1 kg 3.20, Oranges 1 kg 2.70, Lemons 3 pcs 1.50,"
            " Grapes 500 g 3.40, Potatoes 2 kg 2.80, Onions 1 kg 1.60, Carrots 1 kg 1.50, Tomatoes 500 g 2.30,"
            " Cucumber 0.95, Peppers 3 pcs 2.60, Lettuce 1.40, Spinach 250 g 2.20, Garlic 0.80,"
            " Mushrooms 250 g 2.10, Fresh basil 1.80"
        ),
    ),
    "pantry": (
        "PA",
        (
            "Spaghetti 500 g 1.20, Penne 500 g 1.20, Basmati rice 1 kg 3.60, Red lentils 500 g 2.40,"
            " Chickpeas tin 1.10, Kidney beans tin 1.10, Chopped tomatoes 1.05, Tomato paste 0.90, Olive oil 7.40,"
            " Sunflower oil 1 l 3.30, Wheat flour 1 kg 1.15, Cane sugar 1 kg 1.95, Sea salt 0.85, Black pepper 2.60,"
            " Honey 500 g 5.90, Strawberry jam 2.80, Peanut butter 3.40"
        ),
    ),
    "household": (
        "HH",
        (
            "Dish soap 1.90, Laundry powder 6.80, Softener 3.40, Glass cleaner 2.70, Sponges 5 pcs 1.60,"
            " Bin bags 20 l 2.20, Kitchen paper 2 rolls 2.50, Toilet paper 8 rolls 4.60, Paper tissues 1.50,"
            " Hand soap 1.70, Shampoo 3.20, Toothpaste 1.90, Toothbrush 2.40, Tea lights 30 pcs 3.10, Matches 0.90,"
            " Clothes pegs 2.30, Dusters 3 pcs 2.80"
        ),
    ),
    "hardware": (
        "HW",
        (
            "Claw hammer 14.90, Screwdriver set 12.50, Adjustable spanner 11.90, Pliers 9.80, Tape measure 5 m 6.40,"
            " Spirit level 40 cm 13.20, Utility knife 5.60, Wood screws 100 pcs 4.20, Wall plugs 50 pcs 2.90,"
            " Nails 200 g 2.40, Duct tape 5.30, Cable ties 100 pcs 3.70, Wood glue 4.80, Sandpaper set 3.90,"
            " LED bulb E27 4.50, Extension lead 3 m 9.90, Padlock 8.70"
        ),
    ),
    "stationery": (
        "ST",
        (
            "Ballpoint pen blue 0.90, Ballpoint pen black 0.90, Pencils 12 pcs 3.60, Eraser 0.60, Sharpener 1.10,"
            " Ruler 30 cm 1.20, Notebook A5 2.80, Notebook A4 3.90, Writing pad 2.40, Envelopes 25 pcs 2.10,"
            " Sticky notes 1.90, Highlighters 4 pcs 3.80, Glue stick 1.50, Scissors 3.70, Sticky tape 1.30,"
            " Paper clips 1.00, Printer paper 500 5.60"
        ),
    ),
    "gifts": (
        "GI",
        (
            "Greeting card 2.20, Wrapping paper 2.60, Gift ribbon 1.70, Scented candle 7.90, Photo frame 8.50,"
            " Tea mug blue 6.90, Tea mug striped 6.90, Glass vase 11.50, Wooden bowl 14.80, Cotton tote bag 5.90,"
            " Wool scarf 18.90, Soap gift box 9.40, Bird house ornament 12.60, Wind chime 13.90, Key ring heart 3.90,"
            " Desk calendar 8.20, Jigsaw lighthouse 15.90"
        ),
    ),
    "garden": (
        "GA",
        (
            "Potting soil 10 l 4.90, Terracotta pot 12 cm 3.20, Terracotta pot 20 cm 6.50, Watering can 5 l 9.90,"
            " Hand trowel 5.80, Pruning shears 12.90, Garden gloves 4.60, Plant food 1 l 5.40, Tomato seeds 2.30,"
            " Basil seeds 1.90, Sunflower seeds 1.90, Lawn seed 1 kg 8.70, Bird seed 2 kg 5.20, Garden twine 2.80,"
            " Plant labels 20 pcs 2.40, Spray bottle 3.30, Hose connector 3.60"
        ),
    ),
    "toys": (
        "TO",
        (
            "Wooden train 16.90, Building blocks 19.90, Soft bear 12.90, Soft rabbit 12.90, Bouncing ball 2.50,"
            " Skipping rope 4.20, Chalk 12 pcs 3.10, Colouring book 4.60, Crayons 24 pcs 4.90, Playing cards 3.80,"
            " Dominoes 7.20, Memory game 9.60, Kite 11.40, Toy car red 3.90, Toy car green 3.90, Soap bubbles 1.60,"
            " Spinning top 4.40"
        ),
    ),
}
"""Category -> the beginning of its products' ids, and `name price` of each."""

ALSO_IN: Final[dict[str, str]] = {
    "Ginger beer": "offers",
    "Dark chocolate": "gifts",
    "Honey 500 g": "gifts",
    "Gingerbread": "gifts",
    "Scented candle": "household",
    "Tea lights 30 pcs": "gifts",
    "Soft bear": "gifts",
    "Soft rabbit": "gifts",
    "Jigsaw lighthouse": "toys",
    "Bird seed 2 kg": "offers",
    "Crayons 24 pcs": "stationery",
    "Chalk 12 pcs": "stationery",
    "Tomato seeds": "offers",
    "LED bulb E27": "household",
    "Garden gloves": "offers",
}
"""A second category of some products."""

PERISHABLE: Final = ("bakery", "dairy", "produce", "drinks", "snacks")
"""Categories that sell most and are delivered most."""

NAMES: Final = (
    "Amal Anna Aisha Ben Bruno Carla Chen Clara Dario David Dina Elena Emil Emma Farah Felix Finn Grace Hanna"
    " Hugo Ida Ines Ivan Jana Jonas Julia Kai Karim Kira Lea Leo Lina Luca Mara Maria Mei Mila Mira Nadia Nils"
    " Nina Noah Nora Olga Omar Oscar Paula Petra Rosa Sami Sara Sofia Tariq Tessa Theo Tom Vera Yara Yusuf Anna"
)
"""Sixty customers; two of them share a name and stay two. With spaces between."""
