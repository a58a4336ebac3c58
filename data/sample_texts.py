"""The words of the drawn samples, in the notation that make_samples explains. All of it is invented."""

# ruff: noqa: E501 - a paragraph is one line here

LEASE = """
This agreement is made on 2 February 2026 between <b>Marlow &amp; Finch Properties Limited</b>, of 8 Quay Street, Harrowby (the landlord), and <b>Ada Whitcombe</b> and <b>Tomas Reyes</b> (together the tenant). The landlord lets and the tenant takes Flat 3, 14 Linden Court, Harrowby, on the second floor, with the store room marked 3 in the basement and the parking space numbered 12 (together the home).
# 1 Term
1.1 The lease begins on 1 March 2026 and ends on 28 February 2027.
1.2 If neither side has given notice by the last day of the term, the lease runs on from month to month on the same terms until it is ended under clause 9.
1.3 The tenant may move in from noon on the first day of the term, once the deposit and the first month's rent have been received.
# 2 Rent
2.1 The rent is £1,450 a month, payable in advance on the first day of each month by bank transfer to the account named in the schedule of charges.
2.2 The rent may be raised once in any twelve months, by no more than 4 per cent, and only after the landlord has given two months' written notice. It is not raised during the first term.
2.3 If rent is more than 14 days late, the tenant pays interest on the overdue sum at 3 per cent a year above the base rate of the central bank, counted from the day it was due.
2.4 Rent includes cold water, refuse collection and the upkeep of the stairs and garden. Electricity, heating, internet and council tax are paid by the tenant directly.
# 3 Deposit
3.1 The tenant pays a deposit of £1,670 before moving in. The landlord lodges it with the Harrowby Deposit Trust within 30 days and tells the tenant its reference number.
3.2 The deposit is returned within 10 working days after the tenant has moved out and handed back all keys, less any sum agreed for damage beyond fair wear, missing items or unpaid rent.
3.3 Where the two sides do not agree about a deduction, either may ask the trust's free dispute service to decide, and both accept its decision.
---
# 4 Use of the home
4.1 The home is let to the two named tenants as their main residence. No business may be run from it other than quiet office work done by the tenants themselves.
4.2 Guests may stay for up to 21 nights in any three months. Longer stays, subletting and short-term letting through websites need the landlord's written consent.
4.3 Music, tools and other noise must not be heard in neighbouring flats between 22:00 and 07:00.
4.4 Smoking is not allowed anywhere in the building. On the balcony it is allowed, provided that neighbours are not troubled.
4.5 Bicycles and prams are kept in the store room, not on the stairs, which are a fire escape.
# 5 Pets
5.1 One cat, or fish or other small caged animals, may be kept without asking. A dog needs the landlord's written consent, which is not refused without a good reason.
5.2 A tenant who keeps a dog or cat has the carpets cleaned professionally when moving out and shows the receipt.
# 6 Repairs
6.1 The landlord keeps in repair the structure, the roof, the windows, the heating, the boiler, the pipes and wiring, and the appliances listed in the inventory.
6.2 The tenant reports a fault as soon as it is noticed, by telephone in an emergency and otherwise by e-mail.
6.3 An urgent fault (no heating between October and April, no water, a gas leak, a roof leak or a front door that does not lock) is attended to within 24 hours. Any other fault is mended within 28 days.
6.4 If the home has no heating or no hot water for more than three days in a row, the rent is reduced by one fifth for each further day until it works again.
6.5 The tenant replaces light bulbs and batteries in smoke alarms, clears blocked sinks, and airs the rooms so that mould does not form.
---
# 7 Changes to the home
7.1 The tenant may hang pictures and shelves with ordinary screws and fills the holes when moving out.
7.2 Walls may be painted in a colour of the tenant's choice. Before moving out, they are painted white again unless the landlord agrees in writing to take the new colour over.
7.3 Anything that touches the structure, the wiring, the pipes or the floor needs the landlord's written consent beforehand.
# 8 Visits by the landlord
8.1 The landlord may enter the home to inspect or repair it, between 08:00 and 18:00 on working days, after giving at least 48 hours' notice in writing.
8.2 In an emergency that threatens life or the building, the landlord may enter at once and leaves a note saying who came, when and why.
8.3 During the last two months of the lease, the landlord may show the home to people who wish to rent or buy it, no more than twice a week, with the same notice.
# 9 Notice and ending the lease
9.1 During the first six months neither side may end the lease, except under clause 9.4.
9.2 After 31 August 2026 the tenant may end it by giving one month's written notice, to expire on the last day of a month.
9.3 The landlord may end it by giving two months' written notice, to expire on or after 28 February 2027.
9.4 Either side may end it with 14 days' written notice if the other breaks an important term and does not put matters right within 14 days of being asked in writing to do so. Rent that is two months overdue is a breach of an important term.
9.5 Notice is given by letter or by e-mail to the addresses in the schedule. An e-mail counts as received on the next working day.
# 10 Moving out
10.1 On the last day, by noon, the tenant hands back the home empty of the tenant's belongings, swept clean, with every key, and reads the meters together with the landlord.
10.2 Both sides walk through the home with the inventory and sign what they find. A tenant who does not come to this appointment accepts the landlord's written record, unless it is plainly wrong.
---
# Schedule of charges
These are the only sums that may be asked for in addition to rent and deposit.
| Charge | When it is due | Amount
| Lost key or fob | On replacement | £45
| Change of tenant's name on the lease | On signing | £50
| Missed appointment with a tradesperson | After a second missed visit | £35
| Second parking space, if one is free | Monthly in advance | £60
| Cleaning at the end, if not done | On moving out | £180
Rent account: Marlow &amp; Finch Properties Limited, Harrowby Mutual Bank, reference LC14-3. Notices to the landlord: lettings@marlowfinch.example. Emergencies, day and night: 0800 555 0147.
# Inventory
| Item | Room | Condition on 1 March 2026
| Oven and hob, Vesta 600 | Kitchen | Good; small scratch on the door
| Refrigerator, 210 litres | Kitchen | New in 2025
| Washing machine, 7 kg | Bathroom | Good
| Wardrobe, oak, two doors | Bedroom | Good; one hinge loose
| Blinds, grey, four pieces | Living room and bedroom | Good
| Smoke alarms, two | Hall and kitchen | Tested on 26 February 2026
| Keys | Handed over | Two front door, two flat, one store room, one fob
Meter readings on moving in: electricity 48,215 kWh; heating 9,032 kWh.
"""

REPORT = """
# Summary
Revenue rose by 13.3 per cent to €35.7 million, from €31.5 million in the third quarter of 2024. Cargo bicycles were the main reason: families and small traders bought 28.7 per cent more of them by value than a year ago.
The gross margin improved to 41.2 per cent, from 39.7 per cent, because freight cost less and because the new frame line in Halden reached its planned output in August. Operating profit was €4.3 million, against €3.1 million a year earlier, which is 12.0 per cent of revenue.
Net cash stood at €12.6 million on 30 September 2025. The board has raised its forecast of revenue for the whole year to between €134 million and €138 million.
# From the chief executive
Three decisions taken last year paid off this quarter. We brought frame welding back to Halden, which cut the time from order to delivery from 41 days to 26. We gave every cargo bicycle a five-year guarantee on the frame, and fewer than four in a thousand have come back. And we opened four workshops of our own, in Bergen, Aarhus, Groningen and Ghent, where customers can have any make of bicycle serviced.
Not everything went well. A fault in the brake levers of the City 3 model, reported by a dealer in July, led us to recall 1,860 bicycles. Nobody was hurt. The recall cost €0.4 million, which is included in the cost of goods sold, and was complete by 19 September.
We ended the quarter with 214 employees, 17 more than a year ago, most of them in the workshops.
Solveig Aasen, chief executive, 23 October 2025
---
# Income statement
| € million | Q3 2025 | Q3 2024 | Change
| Revenue | 35.7 | 31.5 | 13.3 %
| Cost of goods sold | 21.0 | 19.0 | 10.5 %
| Gross profit | 14.7 | 12.5 | 17.6 %
| Sales and marketing | 4.6 | 4.2 | 9.5 %
| Research and development | 2.5 | 2.2 | 13.6 %
| Administration | 3.3 | 3.0 | 10.0 %
| Operating profit | 4.3 | 3.1 | 38.7 %
!Table 1. Figures are unaudited.
# Revenue by segment
| € million | Q3 2025 | Q3 2024 | Change
| City bicycles | 18.4 | 16.9 | 8.9 %
| Cargo bicycles | 11.2 | 8.7 | 28.7 %
| Parts and service | 6.1 | 5.9 | 3.4 %
| Total | 35.7 | 31.5 | 13.3 %
!Table 2. City bicycles include folding models.
[chart]
!Figure 1. Revenue by segment in € million: third quarter of 2025 (dark) and of 2024 (light).
The Nordic countries brought in 46 per cent of revenue, the Netherlands and Belgium 31 per cent, Germany 18 per cent, and all other countries 5 per cent.
---
# Cash and balance sheet
| € million | 30 Sept 2025 | 30 Sept 2024
| Inventories | 22.4 | 25.1
| Trade receivables | 14.9 | 13.6
| Cash | 17.8 | 13.0
| Borrowings | 5.2 | 6.9
!Table 3. Net cash is cash less borrowings: €12.6 million, against €6.1 million a year earlier.
Inventories fell by €2.7 million, although sales grew, because frames no longer spend five weeks at sea. Investment in the quarter was €1.9 million, of which €1.2 million went into the second robot cell for welding. The bank facility of €15 million was not used; it runs until June 2028.
# Outlook
For the whole of 2025 the board now expects revenue of between €134 million and €138 million (previously €128 million to €134 million) and an operating margin of about 11 per cent. Two more workshops, in Utrecht and Gothenburg, will open in the first quarter of 2026. The successor to the City 3 will be shown on 12 March 2026.
# Risks
The price of aluminium has risen by 9 per cent since June; two thirds of next year's need is bought at fixed prices. A tariff on electric motors from outside Europe is under discussion and could add about €40 to the cost of an electric cargo bicycle. One customer, a parcel service, accounts for 14 per cent of cargo bicycle sales; its framework contract ends in December 2026.
# Dates
The report on the fourth quarter and the full year will be published on 19 February 2026. The annual meeting takes place in Halden on 7 May 2026. Questions are answered by Jonas Lindqvist, investor relations, at investors@haldenbicycle.example.
"""

POLICY = """
This policy applies to everyone employed by Brightwater Surveying, and to contractors where their contract says so. It has applied since 1 January 2026 and replaces the policy of 2023. Questions go to Priya Raman in the finance team.
# Principles
We pay what work really costs you, promptly, and we ask you to spend the firm's money as carefully as your own. You should neither lose nor gain by travelling for us. If a rule here does not fit your case, ask before you spend.
# Approval
Your manager approves any journey that costs less than 750 euros in all. A journey that costs more, and any journey outside Europe, is approved by the director of operations at least ten working days before departure. Emergency work on a client's site needs no approval beforehand; tell your manager on the same day.
# Trains, cars and flights
- Take the train where the whole journey takes less than five hours. Second class is the rule; first class is allowed where it costs no more than a flexible second-class ticket.
- Fly economy. Premium economy is allowed when a single flight takes longer than eight hours.
- For your own car we pay 0.38 euros a kilometre, and 0.05 euros more for each colleague who travels with you. For your own bicycle we pay 0.20 euros a kilometre.
- Hire cars are of the compact class, unless equipment needs more room. Choose electric where a charger is at hand.
- Taxis are for evenings after 21:00, heavy equipment, and places without public transport.
# Hotels
We pay up to 130 euros a night including breakfast, and up to 190 euros in Copenhagen, London, Oslo, Paris and Zurich. If nothing suitable can be found at that price, send your manager a screenshot of the search and book the cheapest sensible room. If you stay with friends or family, you may spend up to 30 euros a night on a present for them.
# Meals
We pay for meals by receipt, up to the amounts below. Alcohol is not paid for, except at a meal with clients.
| Meal | In most places | In the five cities named above
| Breakfast, where the hotel has none | 12 euros | 16 euros
| Lunch | 18 euros | 24 euros
| Dinner | 32 euros | 42 euros
A meal with clients may cost up to 60 euros a head. Write the names of all guests and the purpose on the receipt.
# Working from somewhere else
You may work from another country of the European Union for up to 20 working days in a calendar year. Tell the people team three weeks beforehand so that they can arrange the social insurance certificate.
# What we do not pay
- Fines for parking or speeding
- Minibar, films, and laundry on journeys shorter than five nights
- Travel insurance, since the firm's own policy covers you
- Upgrades paid with money; those paid with your own loyalty points are welcome
# How to claim
Hand in your claim within 30 days after the journey, with a photograph of every receipt above 10 euros. Claims that reach us by the 20th of a month are paid with that month's salary. A claim more than 90 days old is paid only if the director of operations agrees. If you have lost a receipt, write a short note instead; this works for up to 50 euros and three times a year.
"""
