package provider

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// textFunction is a function of one text, which it converts to another.
type textFunction struct {
	name       string
	definition function.Definition
	convert    func(string) (string, error)
}

var _ function.Function = textFunction{}

func newHexToBase64() function.Function {
	return textFunction{
		name: "hex_to_base64",
		definition: function.Definition{
			Summary: "Bytes in hexadecimal, as Base64",
			Description: "Converts bytes from hexadecimal digits to Base64, as `payload` takes it where `payload_type` is `binary`. " +
				"Other functions cannot write a byte above 7F: a text in Terraform is UTF-8.",
			Parameters: []function.Parameter{function.StringParameter{
				Name: "digits",
				Description: "Two hexadecimal digits for each byte, in upper or lower case, with spaces, colons or line breaks between bytes, or without. " +
					"Anything else is an error that names its place.",
			}},
			Return: function.StringReturn{},
		},
		convert: hexToBase64,
	}
}

func newBase64ToHex() function.Function {
	return textFunction{
		name: "base64_to_hex",
		definition: function.Definition{
			Summary: "Bytes in Base64, as hexadecimal",
			Description: "Converts bytes from Base64, such as the payload of a message from a device, to hexadecimal digits in lower case, two for each byte, with nothing between them. " +
				"It takes any bytes: `base64decode` takes only text in UTF-8.",
			Parameters: []function.Parameter{function.StringParameter{
				Name:        "base64",
				Description: "Standard, padded Base64, without line breaks. Anything else is an error that names its place.",
			}},
			Return: function.StringReturn{},
		},
		convert: base64ToHex,
	}
}

func (f textFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f textFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f textFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	converted, err := f.convert(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error()) // The CLI ends it with a full stop.
		return
	}
	resp.Error = resp.Result.Set(ctx, converted)
}

// hexToBase64 converts hexadecimal digits. Its errors quote none of them: they may
// be confidential.
func hexToBase64(digits string) (string, error) {
	var bytes []byte
	var high byte // the first digit of a byte
	place := 0    // where that is, from 1; 0 between bytes
	for i, r := range []rune(digits) {
		digit, err := strconv.ParseUint(string(r), 16, 4)
		between := strings.ContainsRune(" :\t\r\n", r)
		switch {
		case between && place == 0:
		case between:
			return "", oneDigit(place)
		case err != nil:
			hint := ""
			if strings.ContainsRune("xX", r) {
				hint = "; give the digits without 0x"
			}
			return "", fmt.Errorf("character %d, %q, is not a hexadecimal digit%s", i+1, r, hint)
		case place == 0:
			high, place = byte(digit), i+1
		default:
			bytes = append(bytes, high<<4|byte(digit))
			place = 0
		}
	}
	if place > 0 {
		return "", oneDigit(place)
	}
	return base64.StdEncoding.EncodeToString(bytes), nil
}

// oneDigit is the error of a byte that lacks its second digit.
func oneDigit(place int) error {
	return fmt.Errorf("the byte at character %d has only one hexadecimal digit", place)
}

// base64ToHex converts Base64. Its errors do not quote it.
func base64ToHex(text string) (string, error) {
	// The decoder ignores line breaks; the API might not.
	line, _, lines := strings.Cut(strings.ReplaceAll(text, "\r", "\n"), "\n")
	bytes, err := base64.StdEncoding.Strict().DecodeString(line)
	wrong := base64.CorruptInputError(len(line))
	if errors.As(err, &wrong) || lines {
		return "", fmt.Errorf("the four characters from character %d on are not standard, padded Base64", int64(wrong)/4*4+1)
	}
	return hex.EncodeToString(bytes), nil
}
