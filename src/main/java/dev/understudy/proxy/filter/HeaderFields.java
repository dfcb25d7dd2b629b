package dev.understudy.proxy.filter;

import java.util.List;

/** The header fields of a message, of whichever library. */
public interface HeaderFields {
  /** The values of the field lines of that name, in order. */
  List<String> all(String name);

  void add(String name, String value);

  /** Replaces all field lines of that name by these. */
  void set(String name, List<String> values);

  /** Replaces all field lines of that name by one. */
  default void set(String name, String value) {
    set(name, List.of(value));
  }

  void remove(String name);

  /** Applies an edit. */
  default void apply(EditHeader.How how, String name, String value) {
    switch (how) {
      case ADD -> add(name, value);
      case ADD_IF_MISSING -> {
        if (all(name).stream().allMatch(String::isBlank)) {
          add(name, value);
        }
      }
      case SET -> set(name, value);
      case REMOVE -> remove(name);
    }
  }
}
