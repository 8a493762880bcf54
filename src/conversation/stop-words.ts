/** Words that hold English sentences together. */
const FUNCTION_WORDS = `
a about above across after again against ago ahead all almost along already also although always am amid among an and
another any anybody anyhow anyone anything anyway anywhere apart are around as aside at away back be became because
become becomes becoming been before beforehand behind being below beneath beside besides between beyond both but by can
cannot could dare despite did do does doing done down due during each either else elsewhere enough etc even ever every
everybody everyone everything everywhere except few fewer first for forth forward from further furthermore had has have
having he hence her here hers herself him himself his how however i if in indeed inside instead into is it its itself
just last lately later least less lest like likely likewise many may maybe me meanwhile might mine more moreover most
mostly much must my myself near nearly need neither never nevertheless next no nobody none nonetheless nor not nothing
now nowhere of off often on once one ones only onto or other others otherwise ought our ours ourselves out outside over
own per perhaps please plus quite rather same second several shall she should since so some somebody somehow someone
something sometime sometimes somewhere soon still such than that the their theirs them themselves then there thereby
therefore these they third this those though through throughout thus till to today together tomorrow tonight too toward
towards under underneath unless unlike until unto up upon us very via was we well were what whatever when whenever where
whereas wherever whether which whichever while who whoever whole whom whose why will with within without would yes yet
yesterday you your yours yourself yourselves
zero two three four five six seven eight nine ten eleven twelve hundred thousand million dozen
`;

/** What apostrophes leave behind, and how recognisers write contractions. */
const CONTRACTIONS = `
ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't he'd he'll he's here's how'd how's i'd i'll i'm
i've isn't it'd it'll it's let's mightn't mustn't needn't o'clock oughtn't shan't she'd she'll she's shouldn't that'd
that'll that's there'd there'll there's they'd they'll they're they've wasn't we'd we'll we're we've weren't what'd
what'll what're what's when's where'd where's who'd who'll who's who've why's won't wouldn't y'all you'd you'll you're
you've
aint arent cant couldnt didnt doesnt dont hadnt hasnt havent heres hes hows im isnt itll ive lets shes shouldnt thats
theres theyll theyre theyve theyd wasnt werent weve whats wheres whos wont wouldnt yall youd youll youre youve
ain aren couldn didn doesn don hadn hasn haven isn ll mustn needn re shan shouldn ve wasn weren won wouldn
gonna gotta wanna gimme lemme kinda sorta dunno cuz cause outta
`;

/** How people keep a talk going: fillers, courtesy, and verbs and nouns of talking and learning that fit any topic. */
const TALK = `
ah aha alright bye cheers claude cool dear eh er erm excuse exactly fine goodbye goodnight great guess ha haha hello hey
hi hmm huh mhm mm nah nice nope oh ok okay ooh oops ouch perfect right sorry sure thank thanks uh uhh um umm wait welcome
whoa wow yay yeah yep yup
ask asked asking asks answer answers believe bit call called calls came come comes coming couple curious day days example
examples explain explained explaining explains explore fact feel feels felt find finds found gave get gets getting give
given gives giving go goes going gone good got guy guys happen happened happens hard hear heard help helpful helped helps
hope idea ideas imagine instance interested interesting keep kept kind kinds knew know knowing known knows learn learned
learning learnt let listen little look looked looking looks lot lots love made main make makes making matter matters mean
meaning means meant mention mentioned mind moment part parts people piece point points pretty probably put question
questions quick quickly read ready really reason reasons remember remind reminds said saw say saying says see seem seemed
seems seen show showed shows simple simply sort sorts spoke start started starts stuff suppose take taken takes talk
talked talking talks tell telling tells thing things think thinking thinks thought thoughts time times told took tried
true try trying understand understanding understands understood use used useful uses using usually want wanted wants way
ways went wonder wondered wondering word words work worked working works
actual actually absolutely basically bad best better big certainly clear clearly common different difference difficult
easy especially general generally important kinda large literally long main maybe mostly new obviously old particular
particularly possible real short similar simpler small special specific totally truly typical typically various
able everything's exist exists include includes including involve involves become later lets live quite set sets tend
tends today's turn turns vs versus i.e e.g ie eg
`;

const list = (text: string): string[] => text.trim().split(/\s+/);

/**
 * Words that are never a topic, lower case, with straight apostrophes. A list of our own: the published ones stop at
 * function words, and in a spoken lesson `um`, `explain` and `thing` are as frequent and as empty as `the`.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set([...list(FUNCTION_WORDS), ...list(CONTRACTIONS), ...list(TALK)]);
