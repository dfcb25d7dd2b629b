package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules that respond: {@code return}, and {@code deny} with a text of its own. */
final class ReturnRules {
  private static final String ROW = "http-request return";
  private static final String OF_FILE = "the text is that of the file now";

  /** The rule's response: what it has so far, and what it lacks. */
  private final RuleTranslation rule;

  private final RuleLine line;
  private String text = "";
  private String detail = "";

  private ReturnRules(RuleTranslation rule) {
    this.rule = rule;
    line = rule.line;
  }

  static void respond(RuleTranslation rule) {
    RuleLine line = rule.line;
    String status = line.after("status", "deny_status");
    status = status.isEmpty() ? (line.argument(0).equals("return") ? "200" : "403") : status;
    if (!status.matches("[2-5][0-9]{2}")) {
      rule.problem("expected a status from 200 to 599, found '" + status + "'");
    } else if (line.arguments().contains("default-errorfiles") && status.charAt(0) >= '4') {
      GuardRules.deny(rule, "Deny", ROW, GuardRules.BUILT_IN_PAGE, "status", status);
    } else {
      new ReturnRules(rule).respond(status);
    }
  }

  private void respond(String status) {
    boolean section = line.arguments().contains("errorfiles");
    String file =
        section
            ? rule.context
                .errorFiles
                .getOrDefault(line.after("errorfiles"), Map.of())
                .getOrDefault(status, "")
            : line.after("errorfile");
    // A file is a whole response, whatever status the rule names.
    Optional<ErrorFile.FixedResponse> whole =
        Optional.of(file)
            .filter(each -> !each.isEmpty())
            .flatMap(rule.context.files)
            .map(ErrorFile::of)
            .map(ErrorFile::fixed);
    if (whole.isPresent()) {
      deny(whole.get().arguments(), RuleConditions.joined(OF_FILE, whole.get().detail()));
      return;
    }
    readText();
    if (section && file.isEmpty()) {
      detail = "the text is left out: '" + line.after("errorfiles") + "' has no page of " + status;
    }
    readFiles();
    if (line.after("lf-string").isEmpty()) {
      String plain = ErrorFile.withoutValues(text);
      lacks(ErrorFile.braces(text, plain));
      text = plain;
    }
    if (text.length() > ErrorFile.LONGEST) {
      lacks("the text is cut to 16 KB");
    }
    Map<String, String> arguments = Filter.arguments("status", status, "text", text);
    String type = line.after("content-type");
    if (!ErrorFile.isPlain(type)) {
      arguments.put("content-type", type);
    }
    addHeaders(arguments);
    deny(arguments, detail);
  }

  private void deny(Map<String, String> arguments, String how) {
    rule.deny(line.filter("Respond", rule.guard(false), arguments), ROW, how);
  }

  private void lacks(String what) {
    detail = RuleConditions.joined(detail, what);
  }

  private void readText() {
    text = line.after("string");
    if (!line.after("lf-string").isEmpty()) {
      LogFormat format = LogFormat.of(line.after("lf-string"));
      text = part(format);
      detail =
          text.isEmpty()
              ? "its text is left out, as a part of it has no value here"
              : rule.how(format.notes());
    }
  }

  private void readFiles() {
    for (String source : List.of("file", "lf-file", "errorfile")) {
      String name = line.after(source);
      if (!name.isEmpty()) {
        Optional<String> content = rule.context.files.apply(name);
        boolean values = source.equals("lf-file") && content.orElse("").contains("%[");
        text = content.orElse("");
        detail =
            content.isEmpty()
                ? "the file " + name + " cannot be read: the text is empty"
                : values ? OF_FILE + "; its values stand there as they are written" : OF_FILE;
      }
    }
  }

  private void addHeaders(Map<String, String> arguments) {
    for (int i = 1; i + 2 < line.arguments().size(); i++) {
      if (line.argument(i).equals("hdr")) {
        String name = line.argument(i + 1);
        LogFormat format = LogFormat.of(line.argument(i + 2));
        String value = ResponseRules.announced(rule.context, name, part(format));
        if (!HeaderRules.isName(name) || !HeaderRules.isValue(value)) {
          lacks("without " + name + ", which is no header field");
        } else if (value.isEmpty()) {
          lacks("without " + name + ", whose value is unsupported here");
        } else {
          arguments.put(Filter.HEADERS + name, value);
          lacks(rule.how(format.notes()));
        }
        i += 2;
      }
    }
  }

  /**
   * A text of a local response. What cannot be translated is left out of it, so that it still keeps
   * requests from servers.
   */
  private String part(LogFormat format) {
    List<Alternative> texts = format.alternatives();
    boolean one = rule.missing(format).isEmpty() && texts.size() == 1;
    return one ? texts.getFirst().text() : "";
  }
}
