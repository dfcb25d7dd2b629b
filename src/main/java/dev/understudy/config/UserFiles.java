package dev.understudy.config;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.PasswordHash;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.UserList;
import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of users that {@code BasicAuth} names, each once: lines of {@code
 * user:hash[:group,group]}; blank lines and those that begin with {@code #} are skipped. A path is
 * relative to the dynamic file's directory. Problems show nothing of a line but the user's name.
 */
final class UserFiles {
  /** In characters. */
  private static final int LONGEST_NAME = 128;

  /** Bad lines that a problem names. */
  private static final int SHOWN = 3;

  private final NamedFiles.Reader files;
  private final Problems problems;

  /** The users by the path of their file as the dynamic file has it. */
  private final Map<String, UserList> lists = new LinkedHashMap<>();

  UserFiles(NamedFiles.Reader files, Problems problems) {
    this.files = files;
    this.problems = problems;
  }

  /** The lists that were read, by the path as the dynamic file has it. */
  Map<String, UserList> lists() {
    return lists;
  }

  /** Reads the file of a filter, if it is one with users; reports what is wrong with the file. */
  void read(RoutePart filter, Node node) {
    String file = FilterKind.of(filter).is(Trait.USERS) ? file(filter) : null;
    if (file == null || lists.containsKey(file)) {
      return;
    }
    lists.put(file, UserList.EMPTY);
    if (lists.size() > DynamicFileLimits.USER_FILES) {
      problem(
          node,
          "expected at most " + DynamicFileLimits.USER_FILES + " different files of users in all");
      return;
    }
    try {
      lists.put(file, parse(files.text(file), node));
    } catch (NamedFiles.UnusableTextException e) {
      problem(node, "expected " + e.expected("file of users"));
    }
  }

  /** The first argument of the short form, or the one that is named so; null if there is none. */
  private static @Nullable String file(RoutePart filter) {
    String named = filter.args().get("file");
    String file = named == null ? filter.args().get(RoutePart.generatedKey(0)) : named;
    return file == null || file.isBlank() ? null : file.strip();
  }

  private UserList parse(String text, Node node) {
    Map<String, UserList.User> users = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String entry = line.strip();
      String expected = entry.isEmpty() || entry.startsWith("#") ? null : add(entry, users);
      if (expected != null) {
        wrong.add("line " + number + " of the file: " + expected);
      }
    }
    if (!wrong.isEmpty()) {
      problem(node, Words.joined(wrong, SHOWN, "; "));
    }
    return new UserList(users);
  }

  /** Adds the user of a line; returns what is wrong with it, or null. */
  private static @Nullable String add(String entry, Map<String, UserList.User> users) {
    String[] parts = entry.split(":", -1);
    if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty()) {
      return "expected user:hash or user:hash:group,group";
    }
    String name = parts[0];
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      return "expected a user's name of at most " + LONGEST_NAME + " printable characters";
    }
    PasswordHash password;
    try {
      password = PasswordHash.of(parts[1]);
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    Set<String> groups =
        parts.length < 3
            ? Set.of()
            : Arrays.stream(parts[2].split(",", -1))
                .map(String::strip)
                .filter(group -> !group.isEmpty())
                .collect(Collectors.toSet());
    return users.put(name, new UserList.User(password, groups)) == null
        ? null
        : "expected each user once";
  }

  private void problem(Node node, String what) {
    problems.add(node, "BasicAuth" + ": " + what);
  }
}
