module github.com/ditto-kernel/ditto

go 1.26.0

require (
	golang.org/x/sys v0.50.0
	gotest.tools/v3 v3.5.2
)

require github.com/google/go-cmp v0.7.0 // indirect
