/** The ledger is not what it was, or another one than the database knows: nothing is added. In words for the operator. */
export class LedgerFault extends Error {}
