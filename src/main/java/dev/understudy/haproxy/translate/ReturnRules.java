package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules that respond: {@code return}, and {@code deny} with a text of its own. */
final class ReturnRules {
  private static final String ROW = "http-request return";
  private static final String OF_FILE =
      "the text is the content of the file at the time of the import";

  private ReturnRules() {}

  static void respond(RuleTranslation rule) {
    RuleLine line = rule.line;
    ErrorResponseSource source =
        ErrorResponseSource.ofWords(
            line.arguments().subList(1, line.arguments().size()),
            line.argument(0).equals("return") ? "200" : "403",
            rule.context.errorFiles);
    String status = source.status();
    if (!status.matches("[2-5][0-9]{2}")) {
      rule.problem("expected a status from 200 to 599, found '" + status + "'");
    } else if (line.arguments().contains("default-errorfiles") && status.charAt(0) >= '4') {
      GuardRules.deny(rule, "Deny", ROW, GuardRules.BUILT_IN_PAGE, "status", status);
    } else {
      ErrorFile.FixedResponse response = response(rule, source);
      rule.deny(
          line.filter("Respond", rule.guard(false), response.arguments()), ROW, response.detail());
    }
  }

  private static ErrorFile.FixedResponse response(
      RuleTranslation rule, ErrorResponseSource source) {
    String name = source.text();
    Optional<String> content = source.isFile() ? rule.context.files.apply(name) : Optional.of(name);
    String text = content.orElse("");
    String detail = "";
    if (content.isEmpty()) {
      detail = "the file " + name + " cannot be read: the text is empty";
    } else if (source.kind().equals(ErrorResponseSource.WHOLE)) {
      // A file is a whole response, whatever status the rule names.
      return ErrorFile.of(text).fixed(OF_FILE);
    } else if (source.isFile()) {
      boolean values = source.kind().equals("lf-file") && text.contains("%[");
      detail = values ? OF_FILE + "; its values are not filled in" : OF_FILE;
    } else if (source.kind().equals("errorfiles")) {
      text = "";
      detail = "the text is left out: '" + name + "' has no page of " + source.status();
    }
    if (source.kind().equals("lf-string")) {
      LogFormat format = LogFormat.of(text);
      text = part(rule, format);
      detail =
          text.isEmpty()
              ? "its text is left out, as a part of it has no value here"
              : rule.how(format.notes());
    } else {
      String plain = ErrorFile.withoutValues(text);
      detail = RuleConditions.joined(detail, ErrorFile.braces(text, plain));
      text = plain;
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (Map.Entry<String, String> field : source.fields().entrySet()) {
      LogFormat format = LogFormat.of(field.getValue());
      boolean isType = field.getKey().equals(ErrorFile.TYPE);
      String value =
          isType
              ? field.getValue()
              : ResponseRules.announced(rule.context, field.getKey(), part(rule, format));
      if (value.isEmpty() && HeaderRules.isName(field.getKey())) {
        detail =
            RuleConditions.joined(
                detail, "without " + field.getKey() + ", whose value is unsupported here");
      } else {
        fields.put(field.getKey(), value);
        detail = RuleConditions.joined(detail, isType ? "" : rule.how(format.notes()));
      }
    }
    return new ErrorFile(source.status(), fields, text).respond(detail);
  }

  /**
   * A text of a local response. What cannot be translated is left out of it, so that it still keeps
   * requests from servers.
   */
  private static String part(RuleTranslation rule, LogFormat format) {
    List<Alternative> texts = format.alternatives();
    boolean one = rule.missing(format).isEmpty() && texts.size() == 1;
    return one ? texts.getFirst().text() : "";
  }
}
