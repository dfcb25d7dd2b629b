package dev.understudy.proxy.gateway;

import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.validation.FieldError;
import org.springframework.web.util.pattern.PatternParseException;

/** Describes in one sentence why a route could not be built. */
final class RouteFailureText {
  private RouteFailureText() {}

  static String say(Throwable error) {
    Throwable cause = error;
    for (int depth = 0; depth < 16; depth++) {
      if (cause instanceof BindValidationException validation) {
        return validation(validation);
      }
      if (cause instanceof BindException bind && bind.getProperty() != null) {
        return bind(bind, bind.getProperty());
      }
      Throwable next = cause.getCause();
      if (next == null) {
        break;
      }
      cause = next;
    }
    if (cause instanceof URISyntaxException uri) {
      return "expected a URI, found " + quoted(uri.getInput()) + " (" + uri.getReason() + ")";
    }
    if (cause instanceof PatternParseException path) {
      return "expected a path pattern (" + oneLine(String.valueOf(path.getMessage())) + ")";
    }
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : oneLine(message);
  }

  private static String validation(BindValidationException validation) {
    StringBuilder text = new StringBuilder();
    for (var error : validation.getValidationErrors()) {
      text.append(text.isEmpty() ? "" : "; ");
      if (error instanceof FieldError field) {
        text.append(field.getField()).append(": ");
      }
      text.append(Objects.requireNonNullElse(error.getDefaultMessage(), "is invalid"));
      if (error instanceof FieldError field) {
        text.append(", found ").append(quoted(field.getRejectedValue()));
      }
    }
    return text.isEmpty() ? oneLine(String.valueOf(validation.getMessage())) : text.toString();
  }

  private static String bind(BindException bind, ConfigurationProperty property) {
    Class<?> type = bind.getTarget().getType().resolve(Object.class);
    return property.getName()
        + ": expected "
        + expectation(type)
        + ", found "
        + quoted(property.getValue());
  }

  private static String expectation(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants());
    }
    return switch (type.getSimpleName()) {
      case "int", "Integer", "long", "Long" -> "a whole number";
      case "boolean", "Boolean" -> "true or false";
      case "DataSize" -> "a size such as 5MB";
      case "HttpStatus[]" -> "statuses such as BAD_GATEWAY";
      case "KeyValue[]" -> "pairs such as name:value";
      case "Duration" -> "a duration such as 30s";
      case "ZonedDateTime" -> "a date and time such as 2026-01-01T00:00:00+01:00[Europe/Berlin]";
      default -> "a value of type " + type.getSimpleName();
    };
  }

  private static String quoted(@Nullable Object value) {
    return value == null ? "nothing" : "'" + value + "'";
  }

  private static String oneLine(String message) {
    return message.lines().findFirst().orElse(message).strip();
  }
}
