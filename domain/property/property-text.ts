/** Characters (code points) of a text value at most. */
export const maxTextLength = 1000;

/** Control characters but tab and line breaks. */
const controls = /[^\P{Cc}\t\n\r]/u;

/** Why a text cannot be a value of a property, in words; undefined when it can. */
export function textFault(text: string): string | undefined {
  if (!text.isWellFormed()) return 'is not well-formed Unicode';
  // A string never has more code points than code units, so long ones are refused before they are counted.
  if (text.length > maxTextLength * 2 || [...text].length > maxTextLength) {
    return `must have at most ${maxTextLength} characters`;
  }
  return controls.test(text) ? 'contains a control character' : undefined;
}
