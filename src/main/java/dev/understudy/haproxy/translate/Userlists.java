package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Section;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.pool.PasswordHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.codec.digest.Sha2Crypt;

/** User lists become files of {@code user:hash:groups} lines. */
final class Userlists {
  private final Context context;
  private final Ledger ledger;
  private final Names names = new Names();

  Userlists(Context context) {
    this.context = context;
    ledger = context.ledger;
  }

  void read(Section section) {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (Statement statement : section.statements()) {
      if (statement.keyword().equals("group")) {
        group(statement, groups);
      }
    }
    StringBuilder file = new StringBuilder();
    for (Statement statement : section.statements()) {
      if (statement.keyword().equals("user")) {
        user(statement, groups, file);
      } else if (!statement.keyword().equals("group")) {
        ledger.row(statement, "userlist", statement.keyword());
      }
    }
    String name = context.addFile(names.of(section.name()), ".users", file.toString());
    context.userFiles.put(section.name(), name);
    ledger.row(section.header(), "section", "userlist", name);
  }

  private void group(Statement statement, Map<String, Set<String>> groups) {
    int users = statement.from(0).indexOf("users");
    if (users > 0) {
      for (String user : List.of(statement.word(users + 1).split(",", -1))) {
        groups.computeIfAbsent(user, any -> new TreeSet<>()).add(statement.word(1));
      }
    }
    ledger.row(statement, "userlist", "group");
  }

  private void user(Statement statement, Map<String, Set<String>> groups, StringBuilder file) {
    String name = statement.word(1);
    List<String> words = statement.from(0);
    int hashed = words.indexOf("password");
    int plain = words.indexOf("insecure-password");
    int in = words.indexOf("groups");
    List<String> of = new ArrayList<>(groups.getOrDefault(name, Set.of()));
    if (in > 0) {
      of.addAll(List.of(statement.word(in + 1).split(",", -1)));
    }
    String secret =
        hashed > 0 ? statement.word(hashed + 1) : plain > 0 ? statement.word(plain + 1) : "";
    if (secret.isEmpty()) {
      ledger.guardApproximated(
          statement, "this user is left out, as there is no password: nobody can authenticate so");
    } else if ((name + String.join("", of)).chars().anyMatch(Userlists::isUnsuitable)) {
      ledger.guardApproximated(
          statement,
          "this user is left out: expected names of users and groups without colons and blanks");
    } else if (hashed > 0 && !isHash(secret)) {
      ledger.guardApproximated(
          statement,
          "this user is left out, as the password is no whole hash that begins with $5$, $6$,"
              + " $2y$, $apr1$ or $1$: give the user a new hash, by 'openssl passwd -6'");
    } else {
      file.append(name).append(':').append(hashed > 0 ? secret : hash(secret));
      if (!of.isEmpty()) {
        file.append(':').append(String.join(",", of));
      }
      file.append('\n');
      ledger.row(statement, "userlist", "user");
    }
  }

  private static boolean isUnsuitable(int character) {
    return character == ':' || character <= ' ';
  }

  private static boolean isHash(String text) {
    try {
      return PasswordHash.of(text).scheme() != PasswordHash.Scheme.PLAIN;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** No password is written in clear text; a colon in it would also end it in the file. */
  private static String hash(String password) {
    return Sha2Crypt.sha512Crypt(password.getBytes(StandardCharsets.UTF_8));
  }
}
