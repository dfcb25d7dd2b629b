package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxySection;
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
  private Userlists() {}

  static void read(HaproxySection section, ImportContext context) {
    VerdictLedger ledger = context.ledger;
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    section.statements().stream()
        .filter(line -> line.keyword().equals("group"))
        .forEach(
            line ->
                names(line.after("users"))
                    .forEach(
                        user ->
                            groups
                                .computeIfAbsent(user, any -> new TreeSet<>())
                                .add(line.word(1))));
    StringBuilder file = new StringBuilder();
    for (Statement line : section.statements()) {
      if (line.keyword().equals("user")) {
        List<String> all = new ArrayList<>(groups.getOrDefault(line.word(1), Set.of()));
        all.addAll(names(line.after("groups")));
        user(line, all, file, ledger);
      } else {
        ledger.row(line, "userlist", line.keyword());
      }
    }
    String name = context.addFile(context.userlists.of(section.name()), ".users", file.toString());
    context.userFiles.put(section.name(), name);
    ledger.row(section.header(), "section", "userlist", name);
  }

  private static List<String> names(String list) {
    return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
  }

  private static void user(
      Statement line, List<String> groups, StringBuilder file, VerdictLedger ledger) {
    String name = line.word(1);
    String hash = line.after("password");
    String plain = line.after("insecure-password");
    if (hash.isEmpty() && plain.isEmpty()) {
      leaveOut(ledger, line, ", as there is no password: such a user can never authenticate");
    } else if ((name + String.join("", groups)).chars().anyMatch(Userlists::isUnsuitable)) {
      leaveOut(ledger, line, ": expected names of users and groups without colons and blanks");
    } else if (!hash.isEmpty() && !isHash(hash)) {
      leaveOut(
          ledger,
          line,
          ", as the password is not a complete hash that begins with $5$, $6$, $2y$, $apr1$ or $1$:"
              + " give the user a new hash, by 'openssl passwd -6'");
    } else {
      file.append(name).append(':').append(hash.isEmpty() ? hashed(plain) : hash);
      file.append(groups.isEmpty() ? "" : ":" + String.join(",", groups)).append('\n');
      ledger.row(line, "userlist", "user");
    }
  }

  private static void leaveOut(VerdictLedger ledger, Statement line, String why) {
    ledger.guardApproximated(line, "this user is left out" + why);
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
  private static String hashed(String password) {
    return Sha2Crypt.sha512Crypt(password.getBytes(StandardCharsets.UTF_8));
  }
}
