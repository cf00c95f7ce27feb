package sealed

// dictionary is the preset dictionary of both versions: the words of the ticket format, the most frequent last, where
// DEFLATE reaches them with the shortest distances. It belongs to the bytes of every body and must never change.
const dictionary = `"controlType":"NoSale""Training""Cancelled""Open""Close"` +
	`"transactionLinks":[{"transactionId":"` +
	`"serialNumber":"","lot":"","beginDateTime":"` +
	`"returnOf":{"sequenceNumber":,"transactionId":"` +
	`"taxes":[{"amount":,"categoryCode":"S","included":false,"rateBasisPoints":2100,"taxableAmount":` +
	`"transactionType":"PostVoid""transactionType":"Return"` +
	`"tenders":[{"amount":,"tenderType":"Points"},{"amount":,"tenderType":"Voucher"},{"amount":-,"tenderType":"Cash"},{"amount":,"tenderType":"Card"}],` +
	`{"account":"","loyaltyId":"","operatorId":"","secret":"","tenderReferences":[null,"],"version":1}` +
	`{"personKey":"","personLeaves":{"account":"","entryId":"","others":["","` +
	`"],"redemptions":""},"retailerId":"main","secret":"","ticket":{"businessDayDate":"20","currencyCode":"EUR","currencyCode":"USD","endDateTime":"20T1:0:00+01:00",` +
	`"lineItems":[{"description":"` +
	`"tax":{"amount":,"categoryCode":"S","rateBasisPoints":700,"taxableAmount":},` +
	`"discounts":[{"amount":,"promotionId":"","reasonCode":"` +
	`"unitOfMeasure":"KGM","unitPrice":"0.99"` +
	`"}],"totals":{"discount":,"grand":,"rounding":0,"tax":},"transactionId":"","transactionType":"Sale","workstationId":"1"},"version":1}` +
	`,"schemaVersion":"1","sequenceNumber":,"storeId":"` +
	`},{"description":"","discounts":[{"amount":,"reasonCode":""}],"extendedAmount":-,"gtin":"0","itemId":"","quantity":"-1","sequenceNumber":1,"unitPrice":"1.` +
	`"},{"description":"","extendedAmount":,"gtin":"0","itemId":"","quantity":"1","sequenceNumber":,"unitPrice":"`
