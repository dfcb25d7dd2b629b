package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code compression algo} and {@code compression type}. */
final class CompressionLines {
  private static final Pattern TYPE =
      Pattern.compile("[A-Za-z0-9!#$&^_.+-]+/([A-Za-z0-9!#$&^_.+-]+|\\*)");

  private CompressionLines() {}

  static Optional<Filter> of(ImportContext context, ProxySection proxy) {
    List<Statement> lines = proxy.takeAll("compression");
    boolean gzip = false;
    List<String> types = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    for (Statement line : lines) {
      String kind = line.word(1);
      switch (kind) {
        case "algo", "algo-res" -> {
          gzip |= line.from(2).contains("gzip");
          comments.add(line.source());
          context.ledger.row(line, "compression", "algo");
        }
        case "type", "type-res" -> {
          comments.add(line.source());
          context.ledger.row(line, "compression", "type");
          line.from(2).forEach(each -> type(context, line, each).ifPresent(types::add));
        }
        default -> context.ledger.row(line, "compression", kind);
      }
    }
    if (!gzip) {
      return Optional.empty();
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    for (String type : types) {
      arguments.put("type" + arguments.size(), type);
    }
    return Optional.of(new Filter("Compress", arguments, Expression.Constant.TRUE, comments));
  }

  /** A media type; HAProxy compares beginnings, of which {@code text/} has a form here. */
  private static Optional<String> type(ImportContext context, Statement line, String text) {
    String type = text.replaceFirst(";.*", "").replaceFirst("^([^/]+)/?$", "$1/*");
    if (TYPE.matcher(type).matches()) {
      return Optional.of(type);
    }
    context.ledger.unsupported(line, "left out: expected a media type, found '" + text + "'");
    return Optional.empty();
  }
}
