package wirelist

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// ProviderServer is what the framework's server can do.
type ProviderServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// Server is the framework's server, except that it puts Rows into the responses
// of data sources and ephemeral resources.
type Server struct {
	ProviderServer
	// Limit is how large a list may grow, in bytes. The default is what fits
	// into a response.
	Limit int
}

// ReadDataSource reads a data source, whose list may be Rows.
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, list := s.withList(ctx)
	resp, err := s.ProviderServer.ReadDataSource(ctx, req)
	if err == nil && list.complete {
		resp.State, err = list.into(resp.State)
	}
	return resp, err
}

// OpenEphemeralResource opens an ephemeral resource, whose list may be Rows.
func (s *Server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	ctx, list := s.withList(ctx)
	resp, err := s.ProviderServer.OpenEphemeralResource(ctx, req)
	if err == nil && list.complete {
		resp.Result, err = list.into(resp.Result)
	}
	return resp, err
}

// list is the rows of a response, encoded.
type list struct {
	attribute string
	rows      chunks
	length    uint32
	limit     int
	complete  bool
}

type listKey struct{}

// withList gives the call that ctx is of room for a list.
func (s *Server) withList(ctx context.Context) (context.Context, *list) {
	l := &list{limit: cmp.Or(s.Limit, maxSize)}
	return context.WithValue(ctx, listKey{}, l), l
}

func listFrom(ctx context.Context) *list {
	l, ok := ctx.Value(listKey{}).(*list)
	if !ok {
		panic("wirelist: the provider is not served by a wirelist.Server")
	}
	return l
}

// into returns the framework's response with the list instead of the null that
// stands for it there.
func (l *list) into(response *tfprotov6.DynamicValue) (*tfprotov6.DynamicValue, error) {
	if response == nil {
		return nil, errors.New("wirelist: there is no response to put the list into")
	}
	start, err := l.find(response.MsgPack)
	if err != nil {
		return nil, fmt.Errorf("wirelist: attribute %s: %w", l.attribute, err)
	}
	before, after := response.MsgPack[:start], response.MsgPack[start+1:]
	whole := make([]byte, 0, len(before)+5+l.rows.size+len(after))
	whole = append(whole, before...)
	whole = append(whole, 0xdd) // An array, whose length has 32 bits.
	whole = binary.BigEndian.AppendUint32(whole, l.length)
	whole = l.rows.appendTo(whole)
	whole = append(whole, after...)
	return &tfprotov6.DynamicValue{MsgPack: whole}, nil
}

// find returns where the list's null is in an object: one byte.
func (l *list) find(object []byte) (int, error) {
	rest := bytes.NewReader(object)
	d := msgpack.NewDecoder(rest) // It reads no further than it decodes.
	n, err := d.DecodeMapLen()
	if err != nil {
		return 0, err
	}
	for range n {
		name, err := d.DecodeString()
		if err != nil {
			return 0, err
		}
		start := len(object) - rest.Len()
		if name == l.attribute {
			if object[start] != 0xc0 {
				return 0, errors.New("the framework's response has a value of its own")
			}
			return start, nil
		}
		if err := d.Skip(); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("the framework's response has none")
}
