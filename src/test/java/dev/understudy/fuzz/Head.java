package dev.understudy.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The head of an HTTP/1 message.
 *
 * @param start the three parts of its first line
 */
record Head(List<String> start, List<Field> fields) {

  /** One field line; the value without white space around it. */
  record Field(String name, String value) {}

  /** All values of that name, in order. */
  List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** The first value; null: there is none. */
  String first(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? null : all.getFirst();
  }

  /** The members of a list-based field (RFC 9110 §5.6.1), in small letters. */
  List<String> list(String name) {
    List<String> members = new ArrayList<>();
    for (String value : all(name)) {
      for (String member : value.split(",")) {
        members.add(member.trim().toLowerCase(Locale.ROOT));
      }
    }
    return members;
  }

  /** Whether the connection may be used again after this request (RFC 9112 §9.3). */
  boolean keepsConnection() {
    List<String> options = list("connection");
    boolean modern = !start.get(2).equals("HTTP/1.0");
    return !options.contains("close") && (modern || options.contains("keep-alive"));
  }
}
