"""Nouns that a person asks for by name. A field whose last word is not among them is not asked for.

A closed list, since what reads naturally cannot be told from a dictionary: "the price", but not "the departs".
"""

SAYABLE = frozenset(
    """
    abstract access accuracy address admission adults age agency airline airport album altitude amenities amount
    analysis answer apartment applicant area arrival article artist asset assets assists attendance author
    authors availability average bag balance band bank batch bathrooms bedrooms benefits bill birth birthday
    birthplace board book borough brand breed budget building business buyer cabin calories campaign capacity
    capital captain car carrier category cause ceo certificate chain change channel chapter charge charges chef
    child children choice circuit circulation city class climate close closing club coach colour comment
    comments commission company competition composer conditions confidence constellation contact continent
    copies cost costs countries country county coupon course courses court coverage creator credits crew cuisine
    currency customer customers date dates day days deadline death debt deductible defence definition degree
    delay delivery density department departure deposit depth description designer destination details diagnosis
    diameter difference difficulty dimensions direction director disc discount discounts disease distance
    district division doctor domain dosage dose driver drivers duration earnings edition editor education
    elevation email employees employer end energy engine entry episode episodes estimate event events exchange
    expenses experience expiration expiry family fare fat father fee fees fiber field filing film fixture flag
    flavour flight floor followers forecast format formation formula founder frequency friends fuel funding game
    games gate gender gene genre genres goals grade graduation gravity ground group growth guests headline
    headquarters height hero hits holder holiday home hospital host hotel hour hours humidity husband impact
    income index industry inflation ingredient ingredients inspection instructions instructor insurance interest
    inventory investment issue issuer itinerary job journal judge kickoff label lake landlord language languages
    latitude launch lawyer leader league length lesson level library lifespan likes line list location longitude
    loss losses lyrics magnitude maker manager manufacturer map margin market mass match matches material mayor
    meal meaning measure medal members membership menu mileage minutes model molecule month moon mother motto
    mountain movie museum name names nationality neighborhood net network news nickname note notes number
    nutrition occupation odds offer office officer opening operator opponent option options order orders organ
    origin outcome owner ownership package pages parent partner parts party passengers payment penalty
    performance period person phase phone place plan planet platform player players plot points poll population
    port position postcode power precipitation premium president pressure price prices principal prize
    probability producer product products profession profit program project pronunciation property protein
    provider province publication publisher purpose quality quantity quarter question quote race radius rain
    rainfall range rank ranking rarity rate rates rating ratings ratio reach reason rebounds receipt recipe
    recipient record records referee refund region registrar relationship release religion rent replies report
    republic reservation residence resolution restaurant result retailer return revenue review reviews risk
    river role room rooms route ruler runtime salary sale sales sample scale schedule school score scores season
    seat seats section sector seed seller semester senator sender sentence sentiment series serving servings
    session setting sex share shares shelf ship shop show side signal singer site size skills snow sodium
    solution song songs source space speaker specialty species specifications speed spelling sport spouse sprint
    square stadium staff stage standing standings star stars start state states station stations status steps
    stock stop stops storage store story street strength structure student students studio style subject
    subscribers subtitle suburb sugar suggestion summary sunrise sunset supplier supply surface surname symbol
    symptoms synonym synonyms synopsis tag tags target tax teacher team teams temperature tenant terminal
    territory text theme theory ticket tickets tide time timezone title titles tonnage topic topics total
    tournament town track trade trailer train trainer transcript translation transmission treatment trend trip
    turnover type unit units university upload usage user value variant variety vehicle velocity vendor venue
    verse version vessel views village visibility visitors visits volume vote votes voyage wage warehouse
    warranty water wave weather website week weight width wife wind winner wins word words work year years yield
    zone
    """.split()
)
VAGUE = frozenset("country result status type value version source total list currency symbol".split())
"""Asked for only behind something better."""
IDENTIFYING = frozenset(
    "name title number model author headline subject hotel train team player city artist club product brand symbol"
    " ticker address email label species company".split()
)
"""What tells one item of a list from the others."""
AMOUNTS = frozenset(
    "earnings sales costs charges fees taxes expenses savings profits revenues hours minutes days years"
    " calories dimensions coordinates series species news rates ratings prices points odds benefits returns"
    " deductions".split()
)
"""Plural nouns that are measured, not counted: no number of earnings."""
SAYINGS = frozenset("quote joke fact tip proverb advice riddle poem haiku saying".split())
"""What one may ask for without saying which, a love quote, and is told whole."""
TEXTS = SAYINGS | frozenset(
    "title headline subtitle lyrics text motto summary"
    " definition meaning description abstract synopsis subject entry story".split()
)
"""What is told in its own words, in quotation marks."""
SPOKEN = {"email": "email address", "mail": "email address", "phone": "phone number"}
"""What people say for what fields are called."""
REPORTS = frozenset(
    "details detail data info information stats statistics overview profile metadata status geocode geolocation record"
    " nutrition analysis".split()
)
"""What tells of something else: the details of a user tell of the user."""
SETS = frozenset(
    "times hours dates conditions prices rates specifications dimensions coordinates results scores figures totals"
    " measurements odds".split()
)
"""Several values that are asked for together."""
PEOPLE = frozenset(
    "author director artist ceo president owner founder teacher captain manager coach mayor composer singer editor"
    " chef driver winner principal creator".split()
)
"""Who, not what."""
ORDINARY = frozenset("full display official common complete original long".split())
"""What may stand before the "name" of anything."""
