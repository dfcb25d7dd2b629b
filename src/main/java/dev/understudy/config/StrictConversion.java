package dev.understudy.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.Function;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.convert.converter.ConverterFactory;
import org.springframework.util.unit.DataSize;

/**
 * Spring Boot's conversions, made stricter: a duration or a size needs a unit (Spring Boot reads a
 * bare 2 as two milliseconds), a boolean is {@code true} or {@code false}, and an enum constant has
 * its documented spelling.
 */
final class StrictConversion {
  static final ConversionService SERVICE = create();

  private StrictConversion() {}

  private static ConversionService create() {
    ApplicationConversionService service = new ApplicationConversionService();
    service.addConverter(String.class, Duration.class, StrictConversion::duration);
    service.addConverter(String.class, DataSize.class, StrictConversion::size);
    service.addConverter(String.class, Boolean.class, StrictConversion::bool);
    service.addConverter(String.class, Integer.class, Integer::valueOf);
    service.addConverterFactory(new Choices());
    return service;
  }

  private static Duration duration(String text) {
    return withUnit(text, DurationStyle::detectAndParse);
  }

  private static DataSize size(String text) {
    return withUnit(text, DataSize::parse);
  }

  private static <T> T withUnit(String text, Function<String, T> parse) {
    if (!text.equals("0") && text.chars().allMatch(c -> c == '-' || c == '+' || isDigit(c))) {
      throw new IllegalArgumentException("no unit");
    }
    return parse.apply(text);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static Boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  @SuppressWarnings("rawtypes") // as Spring's own factory for enums
  private static final class Choices implements ConverterFactory<String, Enum> {
    @Override
    public <T extends Enum> Converter<String, T> getConverter(Class<T> type) {
      return text ->
          Arrays.stream(type.getEnumConstants())
              .filter(each -> Keys.of((Enum<?>) each).equals(text))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no such choice"));
    }
  }
}
