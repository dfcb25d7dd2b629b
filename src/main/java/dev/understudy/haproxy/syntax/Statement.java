package dev.understudy.haproxy.syntax;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A line with at least one word.
 *
 * @param line from 1
 * @param source the line as written, without blanks at its ends and with its secrets masked
 * @param isReset whether {@code no} or {@code default} stands before: it turns a setting off, or
 *     back to its default, whatever a defaults section has
 * @param words without the prefix {@code no} or {@code default}
 */
public record Statement(int line, String source, boolean isReset, List<Word> words) {
  /**
   * A word.
   *
   * @param column from 1, of its first character in the line
   */
  public record Word(String text, int column) {
    @Override
    public String toString() {
      return text;
    }
  }

  public Statement {
    words = List.copyOf(words);
  }

  /** The first word. */
  public String keyword() {
    return words.getFirst().text();
  }

  /** Number of words. */
  public int size() {
    return words.size();
  }

  /** A word by its index; empty if there are fewer. */
  public String word(int index) {
    return index < words.size() ? words.get(index).text() : "";
  }

  /** The word after another; empty if there is none. */
  public String after(String text) {
    int at = from(0).indexOf(text);
    return at < 0 ? "" : word(at + 1);
  }

  /** The words from an index on. */
  public List<String> from(int index) {
    return index >= words.size()
        ? List.of()
        : words.subList(index, words.size()).stream().map(Word::text).toList();
  }

  /** Whether the words begin with these. */
  public boolean begins(String... texts) {
    return words.size() >= texts.length
        && IntStream.range(0, texts.length).allMatch(i -> word(i).equals(texts[i]));
  }
}
