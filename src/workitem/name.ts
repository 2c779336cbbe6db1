/** How outcomes, reasons and events name a work item. */

/** An item as outcomes and events name it. */
export interface ItemName {
  readonly node: string;
  readonly name: string;
  readonly index: number;
  readonly label: string;
}
