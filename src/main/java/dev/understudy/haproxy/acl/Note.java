package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A difference between HAProxy's term or value and ours.
 *
 * @param weaker whether by it a rule that denies may deny less than HAProxy's
 * @param setting the static setting that it asks for; empty: none
 */
public record Note(String text, boolean weaker, String setting) {
  /** A small difference. */
  public static Note differs(String how) {
    return new Note(how, false, "");
  }

  /** A difference by which a rule that denies may deny less than HAProxy's. */
  public static Note weaker(String how) {
    return new Note(how, true, "");
  }

  /** A header field is read that clients can only send through a trusted proxy. */
  public static Note forwarded(String field) {
    String setting = "understudy.trusted-proxies";
    return new Note(
        "'"
            + field
            + "' is removed from requests of other peers than "
            + setting
            + ": name the proxies in front there",
        true,
        setting);
  }

  /** All in one text; empty: none. */
  public static String text(List<Note> notes) {
    return notes.stream().map(Note::text).distinct().collect(Collectors.joining("; "));
  }
}
