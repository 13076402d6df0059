import java.io.File;
import java.io.InputStream;
import java.util.Properties;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** veraPDF's own validation library, answering the few options of its program that are used here. */
public class VeraPdf {
    public static void main(String[] given) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        if (given[0].equals("--version")) {
            System.out.println("veraPDF " + version());
            return;
        }
        // --flavour 3a --format text FILE
        System.exit(check(new File(given[4]), PDFAFlavour.byFlavourId(given[1])) ? 0 : 1);
    }

    static String version() throws Exception {
        Properties found = new Properties();
        String name = "/META-INF/maven/org.verapdf/validation-model/pom.properties";
        try (InputStream in = VeraPdf.class.getResourceAsStream(name)) {
            found.load(in);
        }
        return found.getProperty("version");
    }

    static boolean check(File file, PDFAFlavour flavour) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour)) {
            ValidationResult result =
                Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
            boolean passed = result.isCompliant();
            System.out.println((passed ? "PASS " : "FAIL ") + file + " " + flavour.getId());
            TreeMap<String, Integer> rules = new TreeMap<>();
            for (TestAssertion each : result.getTestAssertions()) {
                if (each.getStatus() == TestAssertion.Status.FAILED) {
                    String clause = each.getRuleId().getClause();
                    rules.merge(clause + "-" + each.getRuleId().getTestNumber(), 1, Integer::sum);
                }
            }
            rules.forEach((rule, n) -> System.out.println("rule " + rule + " " + n));
            return passed;
        }
    }
}
